import assert from "node:assert/strict";
import fc from "fast-check";
import { linesOf } from "../../../src/server/kernelStacks/documentLines";
import type { PlacedStack } from "../../../src/server/kernelStacks/placedStack";
import { StackIndex } from "../../../src/server/kernelStacks/stackIndex";
import { formatFrame } from "../../../src/stacks/parseFrame";
import { parseStacks } from "../../../src/stacks/parseStacks";

import { warning, noise } from "./sampleLog";

const draw = ({ stack, frames }: PlacedStack): string => `${stack.build ?? ""} ${frames.map(({ frame, line }) => `${line}:${frame.kind} ${formatFrame(frame)}`).join(" ")}`;
const wanted = (text: string): string[] =>
  parseStacks(text).stacks.map((stack) => `${stack.build ?? ""} ${stack.frames.map((frame, index) => `${(stack.lines[index] ?? 0) - 1}:${frame.kind} ${formatFrame(frame)}`).join(" ")}`);

function finish(index: StackIndex): number {
  let steps = 0;
  for (; !index.isComplete; steps++) index.step();
  return steps;
}

/** Pieces of a log: reports of several lengths, and lines between them. */
const piece = fc.oneof(fc.nat(40).map((frames) => warning(frames + 1)), fc.nat(300).map(noise));
const log = fc.array(piece, { minLength: 1, maxLength: 40 }).map((pieces) => pieces.flat());

describe("StackIndex", () => {
  it("reads a long log in pieces and finds what reading it at once finds", () => {
    fc.assert(fc.property(log, (lines) => {
      const text = lines.join("\n");
      const index = new StackIndex(linesOf(text));
      finish(index);
      assert.deepEqual(index.known().map(draw), wanted(text));
    }));
  });

  it("finds the same after edits, whatever they touch", () => {
    const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), removed: fc.nat(60), added: piece, steps: fc.nat(5) });
    fc.assert(fc.property(log, fc.array(edit, { maxLength: 5 }), (start, edits) => {
      let lines = start;
      const index = new StackIndex(linesOf(lines.join("\n")));
      for (const { at, removed, added, steps } of edits) {
        for (let step = 0; step < steps; step++) index.step();
        const first = Math.min(lines.length - 1, Math.floor(at * lines.length));
        const count = Math.min(lines.length - first, removed + 1);
        lines = [...lines.slice(0, first), ...added, "", ...lines.slice(first + count)];
        index.edit(linesOf(lines.join("\n")), { first, removed: count, added: added.length + 1 });
      }
      finish(index);
      assert.deepEqual(index.known().map(draw), wanted(lines.join("\n")));
    }));
  });

  it("reads again only what an edit touched", () => {
    const lines = Array.from({ length: 500 }, (_, index) => (index % 2 === 0 ? warning(20) : noise(60))).flat();
    const index = new StackIndex(linesOf(lines.join("\n")));
    const all = finish(index);
    assert.ok(all > 10, `${all} pieces`);
    const first = 5000;
    lines.splice(first, 1, "one line", "and another");
    index.edit(linesOf(lines.join("\n")), { first, removed: 1, added: 2 });
    assert.ok(finish(index) <= 4);
    assert.deepEqual(index.known().map(draw), wanted(lines.join("\n")));
  });

  it("reads a log that was printed newest first", () => {
    const lines = Array.from({ length: 60 }, (_, index) => [...warning(20), ...noise(20)].map((line) => line.replace("123.45", `${index}.45`))).flat().reverse();
    const index = new StackIndex(linesOf(lines.join("\n")));
    finish(index);
    assert.deepEqual(index.known().map(draw).sort(), wanted(lines.join("\n")).sort());
    assert.equal(index.known()[1]?.frames[0]?.frame.symbol, "tcp_close");
  });

  it("answers for a range that was not read yet", () => {
    const lines = [...noise(5000), ...warning(12), ...noise(5000)];
    const index = new StackIndex(linesOf(lines.join("\n")));
    const [stack, ...others] = index.stacksIn(5000, 5040);
    assert.ok(stack);
    assert.equal(draw(stack), wanted(lines.join("\n"))[0]);
    assert.deepEqual(others, []);
    assert.equal(index.isComplete, false);
  });
});
