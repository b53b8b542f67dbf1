import assert from "node:assert/strict";
import fc from "fast-check";
import { outputLines } from "../../src/bpftrace/outputLines";
import { parseProgramOutput } from "../../src/bpftrace/programOutput";

const shown = (line: string): string[] => parseProgramOutput(line).flatMap((output) => [...outputLines(output)]);

describe("output of a bpftrace program", () => {
  it("is text as it was printed", () => {
    assert.deepEqual(shown('{"type": "printf", "data": "hi 1\\n"}'), ["hi 1"]);
    assert.deepEqual(shown('{"type": "value", "data": [1, "a"]}'), ["(1, a)"]);
    assert.deepEqual(shown("not JSON"), ["not JSON"]);
    assert.deepEqual(shown(""), []);
  });
  it("shows maps as tables, the largest last", () => {
    assert.deepEqual(shown('{"type": "map", "data": {"@n": 2}}'), ["@n: 2"]);
    assert.deepEqual(shown('{"type": "map", "data": {"@c": {"bash,12": 30, "ssh,3": 4}}}'), ["", "@c", "  ssh   3    4", "  bash  12  30"]);
    assert.deepEqual(shown('{"type": "stats", "data": {"@s": {"count": 1, "average": 10, "total": 10}}}'), ["@s: count 1, average 10, total 10"]);
  });
  it("shows a stack in a key frame by frame", () => {
    assert.deepEqual(shown('{"type": "map", "data": {"@": {"\\n    tcp_v4_rcv+1\\n    f+50\\n,curl,379": 2}}}'), ["", "@", "", "    tcp_v4_rcv+1", "    f+50", "  curl,379  2"]);
  });
  it("draws histograms", () => {
    assert.deepEqual(shown('{"type": "hist", "data": {"@h": [{"min": 64, "max": 127, "count": 4}, {"min": 1024, "max": 2047, "count": 2}]}}'), [
      "", "@h", `  64 – 127   4  ${"█".repeat(40)}`, `  1K – 2K−1  2  ${"█".repeat(20)}`,
    ]);
    assert.deepEqual(shown('{"type": "lhist", "data": {"@l": {"a": [{"max": -1, "count": 1}, {"min": 10, "count": 0}]}}}'), ["", "@l[a]", `  below 0      1  ${"█".repeat(40)}`, "  10 and more  0"]);
  });
  it("tells of losses and problems", () => {
    assert.deepEqual(parseProgramOutput('{"type": "lost_events", "data": {"events": 5}}'), [{ kind: "lost", events: 5 }]);
    assert.deepEqual(parseProgramOutput('{"type": "runtime_error", "msg": "divide by zero", "line": 1}'), [{ kind: "problem", text: "divide by zero" }]);
    assert.deepEqual(parseProgramOutput('{"type": "attached_probes", "count": 1, "data": {"probes": 3}}'), [{ kind: "attached", probes: 3 }]);
  });
  it("comes through any JSON and any text", () => {
    fc.assert(fc.property(fc.oneof(fc.json(), fc.string(), fc.tuple(fc.constantFrom("map", "hist", "stats", "printf", "value"), fc.json()).map(([type, data]) => `{"type": "${type}", "data": ${data}}`)), (line) => void shown(line)));
  });
});
