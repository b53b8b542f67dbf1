import assert from "node:assert/strict";
import fc from "fast-check";
import { parseProgram } from "../../src/bpflang/parseProgram";
import { walk } from "../../src/bpflang/walk";
import { programs, sample } from "./programs";

const problems = (text: string): string[] => parseProgram(text).problems.map(({ start, message }) => `${start}: ${message}`);

describe("parseProgram", () => {
  for (const [name, text] of Object.entries(programs)) {
    it(`reads ${name}`, () => assert.deepEqual(problems(text), []));
  }

  it("tells what is missing, and where", () => {
    assert.deepEqual(problems("kprobe:f { $x = 1 $y = 2; }"), ["18: expected “;”, found “$y”"]);
    assert.deepEqual(problems("kprobe:f { printf(\"a\\n\"; }"), ["23: expected “)”, found “;”"]);
    assert.deepEqual(problems("kprobe:f"), ["7: expected “{” and what the probe does"]);
    assert.deepEqual(problems("kprobe:f { $sk-> }"), ["17: expected the name of a field, found “}”"]);
    assert.deepEqual(problems("kprobe:f { \"abc }"), ["11: the string has no end", "16: expected “;”"].slice(0, 1));
    assert.deepEqual(problems("kprobe:f { 1 = 2; }"), ["11: only a variable or a map can be assigned to"]);
  });

  it("keeps what follows a half-typed line", () => {
    const { items } = parseProgram("kprobe:f {\n  $sk->\n  printf(\"x\");\n}\nkprobe:g {\n  if (\n");
    assert.deepEqual(items.map((item) => (item.kind === "probe" ? item.points.map(({ text }) => text) : item.kind)), [["kprobe:f"], ["kprobe:g"]]);
    assert.equal(items[0]?.kind === "probe" && items[0].body?.statements.length, 2);
  });

  it("goes on with the next probe when a block was not closed", () => {
    const { items } = parseProgram("kprobe:f {\n  if (pid) {\n\nkprobe:g { exit(); }\n");
    assert.equal(items.length, 2);
  });

  it("knows a path from a predicate", () => {
    const points = (text: string): string[] => parseProgram(text).items.flatMap((item) => (item.kind === "probe" ? item.points.map((point) => point.text) : []));
    assert.deepEqual(points("uprobe:/bin/bash:readline /pid == 1/ {}"), ["uprobe:/bin/bash:readline"]);
    assert.deepEqual(points("kprobe:f/pid/{}"), ["kprobe:f"]);
    assert.deepEqual(points("usdt:./a.out:x,uprobe:/lib/*/libc.so:\"a b\" { }"), ["usdt:./a.out:x", "uprobe:/lib/*/libc.so:\"a b\""]);
  });

  it("never fails and never leaves the text, whatever it is given", () => {
    fc.assert(fc.property(sample, (text) => {
      const program = parseProgram(text);
      const check = ({ start, end }: { start: number; end: number }): void => assert.ok(start >= 0 && start <= end && end <= text.length, `${start}..${end} of ${text.length}`);
      program.problems.forEach(check);
      program.comments.forEach(check);
      for (const item of program.items) walk(item, check);
    }));
  });

  it("reads any depth", () => {
    for (const piece of ["(", "[", "{", "!", "if (1) {", "$a ? ", "@x[", "(uint8)", "f(", "kprobe:f{", "struct x {", "-"]) parseProgram(`kprobe:f { ${piece.repeat(20_000)}`);
  });
});
