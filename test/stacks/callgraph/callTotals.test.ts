import assert from "node:assert/strict";
import fc from "fast-check";
import { durationText, functionTotals, mergeTotals, totalsAsStacks, totalsOf, type CallTotals } from "../../../src/stacks/callgraph/callTotals";
import type { GraphCall } from "../../../src/stacks/callgraph/graphCall";

const call = (symbol: string, durationNs: number | undefined, ...calls: GraphCall[]): GraphCall => ({ symbol, calls, ...(durationNs === undefined ? {} : { durationNs }) });
const draw = ({ symbol, calls, totalNs, selfNs, children }: CallTotals): string => `${symbol}×${calls} ${totalNs}/${selfNs}${children.length === 0 ? "" : `(${children.map(draw).join(" ")})`}`;

/** Durations that fit: each call takes what it calls and a little more. */
const callOf = (levels: number): fc.Arbitrary<GraphCall> =>
  fc.tuple(fc.constantFrom("f", "g", "h"), fc.nat(1000), levels === 0 ? fc.constant([]) : fc.array(callOf(levels - 1), { maxLength: 3 }))
    .map(([symbol, own, calls]) => call(symbol, own + calls.reduce((sum, { durationNs = 0 }) => sum + durationNs, 0), ...calls));

describe("callTotals", () => {
  it("folds what was called several times, and tells own time from the rest", () => {
    assert.equal(draw(totalsOf(call("f", 100, call("g", 10), call("h", 20, call("g", 5)), call("g", 30)))), "f×1 100/40(g×2 40/40 h×1 20/15(g×1 5/5))");
  });
  it("has no time for what was not seen to end, and no negative time", () => {
    assert.equal(draw(totalsOf(call("f", 10, call("g", undefined, call("h", 30))))), "f×1 10/0(g×1 30/0(h×1 30/30))");
  });
  it("sums functions wherever they were called; of recursion the outer call counts", () => {
    const totals = totalsOf(call("f", 100, call("g", 50, call("f", 20)), call("f", 10)));
    assert.deepEqual(functionTotals([totals]).map(({ symbol, calls, totalNs, selfNs }) => [symbol, calls, totalNs, selfNs]), [["f", 3, 100, 70], ["g", 1, 50, 30]]);
  });
  it("loses no time and no call, however calls are merged and turned into stacks", () =>
    fc.assert(fc.property(fc.array(callOf(3), { minLength: 1, maxLength: 4 }), (calls) => {
      const same = calls.map((item) => ({ ...item, symbol: "root" }));
      const merged = same.map(totalsOf).reduce(mergeTotals);
      const time = same.reduce((sum, { durationNs = 0 }) => sum + durationNs, 0);
      assert.equal(merged.calls, calls.length);
      assert.equal(merged.totalNs, time);
      assert.equal(functionTotals([merged]).reduce((sum, { selfNs }) => sum + selfNs, 0), time);
      assert.equal(totalsAsStacks(merged, ({ symbol }) => [{ name: symbol }]).reduce((sum, { count }) => sum + count, 0), time);
      const names = (node: CallTotals): boolean => new Set(node.children.map(({ symbol }) => symbol)).size === node.children.length && node.children.every(names);
      assert.ok(names(merged));
    })));
  it("writes times with three digits", () => assert.deepEqual([0, 850, 1234, 12_345, 123_456, 40_700_000, 1.5e9].map(durationText), ["0 ns", "850 ns", "1.23 µs", "12.3 µs", "123 µs", "40.7 ms", "1.50 s"]));
});
