import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { shellLine, shellQuote, shellScript } from "../../src/target/command";

/** Anything an argument can hold: no NUL, and only text that survives UTF-8. */
const word = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0"));

describe("command", () => {
  it("quotes what a shell would not take as it is", () => {
    assert.equal(shellQuote("tcp_v4_rcv+0x1"), "tcp_v4_rcv+0x1");
    assert.equal(shellQuote(""), "''");
    assert.equal(shellQuote("it's"), "'it'\\''s'");
    assert.equal(shellLine(["echo", "a b", "$x"]), "echo 'a b' '$x'");
  });

  it("is read back by a shell word by word", () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
        const output = execFileSync("sh", ["-c", shellLine(["printf", "%s\\0", ...words])]);
        assert.deepEqual(output.toString().split("\0").slice(0, -1), words);
      }),
      { numRuns: 30 },
    );
  });

  it("keeps arguments out of a script's text", () => {
    assert.equal(execFileSync("sh", shellScript('echo "$2-$1"', ["$(id)", "b"]).slice(1)).toString(), "b-$(id)\n");
  });
});
