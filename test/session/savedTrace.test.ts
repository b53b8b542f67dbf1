import assert from "node:assert/strict";
import fc from "fast-check";
import { vaddr } from "../../src/base/brands";
import { describeError } from "../../src/base/errors";
import { explainText } from "../../src/session/explainText";
import { readStackFile } from "../../src/session/readStackFile";
import { parseTrace, traceJson, type SavedTrace } from "../../src/session/savedTrace";
import { writeStacks } from "../../src/stacks/exchange/writeStacks";
import { totalsOf } from "../../src/stacks/callgraph/callTotals";
import { facts, resetGroup } from "../vscode/support/samples";

const sample = resetGroup();
const stack = [
  { symbol: "tcp_v4_send_reset", offset: 1, address: vaddr(0xffffffff81000001n), kind: "exact" as const, reliable: true },
  { symbol: "tcp_v4_rcv", offset: 0x99b, kind: "return" as const, reliable: true },
];
const trace: SavedTrace = {
  host: "lab", facts, request: { kind: "resets", port: 80 }, summary: { state: "ended", events: 3, lost: 0, startedAt: 5, endedAt: 9, messages: [] },
  groups: [{ ...sample, event: { ...sample.event, stack }, stack: stack.map(({ symbol }) => ({ input: symbol, symbol, status: "no-debuginfo", lookup: "caller", frames: [] })) }],
};

const slowest = { symbol: "tcp_v4_rcv", durationNs: 900, calls: [{ symbol: "tcp_ack", durationNs: 300, calls: [] }] };
const graph: SavedTrace = {
  ...trace, request: { kind: "callgraph", name: "tcp_v4_rcv", depth: 3 },
  groups: [{ ...sample, event: { type: "callgraph", name: "tcp_v4_rcv", totals: totalsOf(slowest), slowest, leftOut: 0, stack: [] }, stack: [] }],
};

describe("saved traces", () => {
  it("are read as they were written", () => {
    assert.deepEqual(parseTrace(JSON.parse(traceJson(trace))), trace);
    assert.deepEqual(parseTrace(JSON.parse(traceJson(graph))), graph);
  });

  it("that were cut off as “running” have ended when they are read", () => {
    assert.equal(parseTrace(JSON.parse(traceJson({ ...trace, summary: { ...trace.summary, state: "running" } }))).summary.state, "ended");
  });

  it("are explained again, from the event and the stack", async () => {
    const [explained] = await explainText(traceJson(trace), {});
    assert.equal(explained?.count, trace.groups[0]?.count);
    assert.equal(explained?.explanation?.cause.id, trace.groups[0]?.explanation.cause.id);
  });

  it("are stacks for other tools: written as folded text, speedscope or a perf script and read again, they weigh the same", () => {
    const folded = (text: string): string => writeStacks(readStackFile(text).stacks, "folded", "t");
    assert.equal(folded(traceJson(trace)), "tcp_v4_rcv;tcp_v4_send_reset 12\n");
    assert.equal(folded(traceJson(graph)), "tcp_v4_rcv 600\ntcp_v4_rcv;tcp_ack 300\n");
    for (const format of ["folded", "speedscope", "perf-script", "json"] as const) assert.equal(folded(writeStacks(readStackFile(traceJson(trace)).stacks, format, "t")), folded(traceJson(trace)), format);
  });

  it("say where they are damaged, and never fail otherwise", () => {
    const text = traceJson(trace);
    assert.throws(() => parseTrace(JSON.parse(traceJson(graph).replace('"totalNs": 900', '"totalNs": "900"'))), /a call has no name or no numbers/);
    assert.throws(() => parseTrace({ format: "knetscope-trace", version: 1, kind: "resets", host: "a", facts: {}, request: {}, summary: {}, groups: [{}] }), (error: Error) => /groups\[0\]\.event/.test(describeError(error)));
    fc.assert(fc.property(fc.nat(text.length), fc.string({ maxLength: 5 }), (at, noise) => {
      let value: unknown;
      try {
        value = JSON.parse(text.slice(0, at) + noise + text.slice(at + 1));
      } catch {
        return;
      }
      try {
        parseTrace(value);
      } catch (error) {
        assert.match((error as { code?: string }).code ?? "", /^(?:trace|stacks)\/bad-/);
      }
    }));
  });
});
