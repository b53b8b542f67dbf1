import assert from "node:assert/strict";
import fc from "fast-check";
import { parseProgram } from "../../src/bpflang/parseProgram";
import { reparseProgram } from "../../src/bpflang/reparseProgram";
import { pieces, programs, sample } from "./programs";

/** A piece that takes the place of some characters. */
const edit = fc.record({ at: fc.nat(4000), gone: fc.oneof(fc.nat(3), fc.nat(200)), put: fc.oneof(fc.constant(""), fc.constantFrom(...pieces), fc.string({ maxLength: 3 }), fc.constantFrom(...Object.values(programs))) });

const applied = (text: string, { at, gone, put }: { readonly at: number; readonly gone: number; readonly put: string }): string => {
  const start = at % (text.length + 1);
  return text.slice(0, start) + put + text.slice(start + gone);
};

describe("reparseProgram", () => {
  it("gives after any edits the tree that parsing gives", () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.constantFrom(...Object.values(programs)), sample), { maxLength: 3 }), fc.array(edit, { minLength: 1, maxLength: 4 }), (parts, edits) => {
      let text = parts.join("\n");
      let program = parseProgram(text);
      for (const change of edits) {
        text = applied(text, change);
        program = reparseProgram(program, text);
        assert.deepEqual(program, parseProgram(text), JSON.stringify(text));
      }
    }));
  });

  it("takes over what lies before and behind the edit", () => {
    const text = Array.from({ length: 20 }, (_, index) => `kprobe:f${index} { @[${index}] = count(); }\n`).join("");
    const before = parseProgram(text);
    const [first, last] = [before.items[0], before.items.at(-1)];
    const after = reparseProgram(before, text.replace("@[10]", "@[10, pid]"));
    assert.equal(after.items[0], first);
    assert.equal(after.items.at(-1), last);
    assert.deepEqual(after.items.at(-1)?.end, text.length + ", pid".length - 1);
  });
});
