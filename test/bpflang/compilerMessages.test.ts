import assert from "node:assert/strict";
import fc from "fast-check";
import { compilerFindings } from "../../src/bpflang/compilerMessages";

const text = "#include <nosuch.h>\nkprobe:f {\n\tprintf(\"é%d\", foo);\n\t$x = 1;\n}\n";

const about = (output: string): string[] => compilerFindings(output, text).map(({ start, end, severity, message }) => `${severity} “${text.slice(start, end)}” ${message}`);

describe("compilerFindings", () => {
  it("counts bytes, and a tab as one", () => {
    assert.deepEqual(about("stdin:3:17-20: ERROR: Unknown identifier: 'foo'\n    printf(\"é%d\", foo);\n                  ~~~\n"), ["error “foo” Unknown identifier: 'foo'"]);
  });
  it("reads several at once, hints, ranges of lines, and words without a place", () => {
    assert.deepEqual(about("stdin:4:2-4: WARNING: odd\nHINT: do otherwise\nstdin:2-5: ERROR: all of it\nERROR: no place\n"), [
      "warning “$x” odd\ndo otherwise", `error “${text.slice(20, -1)}” all of it`, "error “#include <nosuch.h>” no place",
    ]);
  });
  it("finds the line that asks for a header", () => {
    assert.deepEqual(about("definitions.h:2:10: fatal error: 'nosuch.h' file not found\n"), ["error “#include <nosuch.h>” 'nosuch.h' file not found"]);
  });
  it("leaves out what means nothing, and stays in the text", () => {
    assert.deepEqual(about("WARNING: couldn't set RLIMIT_MEMLOCK for bpftrace.\nAttaching 1 probe...\n"), []);
    fc.assert(fc.property(fc.nat(99), fc.nat(99), fc.nat(99), fc.string(), (line, from, to, other) => {
      for (const { start, end } of compilerFindings(`stdin:${line}:${from}-${to}: ERROR: x`, other)) assert.ok(start >= 0 && start <= end && end <= other.length);
    }));
  });
});
