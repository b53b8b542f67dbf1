import assert from "node:assert/strict";
import fc from "fast-check";
import { TextDocument } from "vscode-languageserver-textdocument";
import { changedLines } from "../../../src/server/kernelStacks/changedLines";

const split = (text: string): string[] => {
  const document = TextDocument.create("a:b", "x", 1, text);
  return Array.from({ length: document.lineCount }, (_, line) => document.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } }).replace(/[\r\n]+$/, ""));
};

describe("changedLines", () => {
  const text = fc.array(fc.constantFrom("a", "b", "\n", "\r\n", "\r"), { maxLength: 40 }).map((parts) => parts.join(""));
  it("names the lines that an edit replaced, whatever their ends", () => {
    fc.assert(fc.property(text, text, text, text, (start, removed, added, end) => {
      const [before, after] = [start + removed + end, start + added + end];
      const document = TextDocument.create("a:b", "x", 1, after);
      const [linesBefore, linesAfter] = [split(before), split(after)];
      const edit = changedLines(before, after, linesBefore.length, linesAfter.length, (offset) => document.positionAt(offset).line);
      const applied = [...linesBefore.slice(0, edit.first), ...linesAfter.slice(edit.first, edit.first + edit.added), ...linesBefore.slice(edit.first + edit.removed)];
      assert.ok(edit.removed >= 0 && edit.first >= 0, JSON.stringify(edit));
      assert.deepEqual(applied, linesAfter);
    }));
  });
});
