import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { bpftraceFailure, isNoise } from "../../src/bpftrace/bpftraceFailure";
import { parseBpftraceMessage } from "../../src/bpftrace/bpftraceMessage";
import { checkArguments, hasFeature, printfLimits } from "../../src/bpftrace/bpftraceSyntax";
import { formatBpftraceVersion, isAtLeast, parseBpftraceVersion } from "../../src/bpftrace/bpftraceVersion";

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, "../fixtures/stacks", name), "utf8");

describe("parseBpftraceMessage", () => {
  const check = (line: string, expected: unknown): void => void it(line, () => assert.deepEqual(parseBpftraceMessage(line), expected));
  check('{"type": "attached_probes", "data": {"probes": 3}}', { type: "attached", probes: 3 });
  check('{"type": "attached_probes", "count": 3, "data": {"probes": 3}}', { type: "attached", probes: 3 });
  check('{"type": "printf", "data": "a\\n"}', { type: "text", text: "a\n" });
  check('{"type": "lost_events", "data": {"events": 12}}', { type: "lost", events: 12 });
  check('{"type": "lost_events", "count": 1, "data": {"events": "12"}}', { type: "lost", events: 12 });
  check('{"type": "helper_error", "helper": "probe_read", "retcode": -14, "line": 1, "col": 37}', { type: "problem", text: "helper_error: probe_read (-14)" });
  check('{"type": "runtime_error", "data": "x", "msg": "division by zero", "filename": "stdin"}', { type: "problem", text: "runtime_error: division by zero" });
  check('{"type": "map", "data": {"@": 1}}', { type: "map", name: "@", entries: [["", 1]] });
  check('{"type": "map", "data": {"@rest": {"7,\\n\\tf+1\\n": 2, "8,": "30"}}}', { type: "map", name: "@rest", entries: [["7,\n\tf+1\n", 2], ["8,", 30]] });
  check('{"type": "map", "data": null}', { type: "other", name: "map" });
  check("", undefined);
  check("Attaching 1 probe", { type: "problem", text: "not understood: Attaching 1 probe" });
  check('{"type": "printf"', { type: "problem", text: 'not understood: {"type": "printf"' });

  it("puts bytes back that are not ASCII", () => {
    const [first = ""] = fixture("bpftrace-json-nonutf8-1.ndjson.txt").split("\n");
    assert.deepEqual(parseBpftraceMessage(first), { type: "text", text: "café \u0001 \ufffd\n" });
  });

  it("reads a map of stacks as each version escapes it", () => {
    const keys = [
      String.raw`5,\n\tffffffff82203249 _raw_spin_unlock_irqrestore+25\n\tffffffff813aa8b0 try_to_wake_up+656\n`,
      String.raw`5,\\n\\tffffffff82203249 _raw_spin_unlock_irqrestore+25\\n\\tffffffff813aa8b0 try_to_wake_up+656\\n`,
    ];
    const read = keys.map((key) => parseBpftraceMessage(`{"type": "map", "data": {"@a": {"${key}": 7}}}`));
    assert.deepEqual(read[0], { type: "map", name: "@a", entries: [["5,\n\tffffffff82203249 _raw_spin_unlock_irqrestore+25\n\tffffffff813aa8b0 try_to_wake_up+656\n", 7]] });
    assert.deepEqual(read[1], read[0]);
  });
  it("never throws", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (line) => void parseBpftraceMessage(`{"type": ${line}`)));
  });
});

describe("bpftraceFailure", () => {
  const check = (name: string, exit: { code?: number; signal?: string }, words: string, code: string, message: RegExp): void =>
    void it(name, () => {
      const error = bpftraceFailure(exit, words.split("\n").filter((line) => !isNoise(line)), "host");
      assert.equal(error.code, code);
      assert.match(error.message, message);
    });
  check("root", { code: 1 }, "ERROR: bpftrace currently only supports running as the root user.", "bpftrace/not-root", /root user/);
  check("lockdown", { code: 1 }, "ERROR: Kernel lockdown is enabled and set to 'confidentiality'.", "bpftrace/lockdown", /confidentiality/);
  check("attach", { code: 255 }, "ERROR: Unknown error -1: couldn't set RLIMIT_MEMLOCK for bpftrace.\ncannot attach kprobe, probe entry may not exist\nERROR: Error attaching probe: 'kprobe:nosuch'", "bpftrace/attach-failed", /status 255.*nosuch/);
  check("syntax", { code: 1 }, "stdin:1:21-22: ERROR: syntax error, unexpected }, expecting ) or \",\"\nBEGIN { printf(\"hi\" }\n                    ~", "bpftrace/program-refused", /unexpected }/);
  check("types", { code: 1 }, "stdin:1:154-169: ERROR: Struct/union of type 'struct ipv6hdr' does not contain a field named 'saddr'", "bpftrace/unknown-type", /saddr/);
  check("headers", { code: 1 }, "/bpftrace/include/clang_workarounds.h:14:10: fatal error: 'linux/types.h' file not found", "bpftrace/no-headers", /types\.h/);
  check("abort", { code: 134 }, "FATAL: Invalid probe type made it to attachpoint parser", "bpftrace/crashed", /attachpoint/);
  check("killed", { signal: "KILL" }, "", "bpftrace/crashed", /signal KILL/);
  check("no words", { code: 3 }, "", "bpftrace/failed", /status 3/);
});

describe("versions of bpftrace", () => {
  const version = (text: string): ReturnType<typeof parseBpftraceVersion> => parseBpftraceVersion(`bpftrace v${text}`);
  it("are read", () => {
    assert.deepEqual(version("0.17.0"), { major: 0, minor: 17, patch: 0 });
    assert.deepEqual(version("0.20.2-1ubuntu4.3"), { major: 0, minor: 20, patch: 2 });
    assert.deepEqual(version("0.25"), { major: 0, minor: 25, patch: 0 });
    assert.equal(parseBpftraceVersion("bpftrace "), undefined);
  });
  it("decide what is understood", () => {
    assert.deepEqual(["0.9.3", "0.9.4"].map((text) => hasFeature(version(text)!, "generatedPrograms")), [false, true]);
    assert.deepEqual(["0.11.4", "0.12.0"].map((text) => printfLimits(version(text)!)?.bytes), [63, undefined]);
    assert.deepEqual(["0.11.4", "0.17.0", "0.24.2", "0.26.1"].map((text) => checkArguments(version(text)!)[0]), ["-d", "--test", "--test-mode", "--mode"]);
  });
  it("are ordered", () => {
    const versions = fc.record({ major: fc.nat(3), minor: fc.nat(30), patch: fc.nat(9) }, { noNullPrototype: true });
    fc.assert(fc.property(versions, versions, (a, b) => {
      assert.ok(isAtLeast(a, b) || isAtLeast(b, a));
      assert.deepEqual(version(formatBpftraceVersion(a)), a);
    }));
  });
});
