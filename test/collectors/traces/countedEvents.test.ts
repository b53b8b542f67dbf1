import assert from "node:assert/strict";
import fc from "fast-check";
import { RecordReader } from "../../../src/bpftrace/recordReader";
import { CountedEvents, shares } from "../../../src/collectors/traces/countedEvents";

const stack = (symbol: string): string => `\n\tffffffff81000001 ${symbol}+1\n`;
const id = (symbol: string, key = 256): string => `${key}, ${stack(symbol)}`;

function collect(known: (key: string) => boolean = () => true) {
  const handed: string[] = [];
  const counts = new CountedEvents(new RecordReader([]), (key, [frame], times) => {
    if (known(key)) handed.push(`${key} ${frame?.symbol} ${times}`);
    return known(key);
  });
  return { handed, counts };
}

describe("CountedEvents", () => {
  it("shares out what was counted by key alone by how often each stack was walked since", () => {
    const { handed, counts } = collect();
    counts.takeStacks([[id("a"), 300], [id("b"), 100]]);
    counts.takeFlood([["256", 4000]]);
    assert.deepEqual(handed.splice(0), ["256 a 300", "256 b 100", "256 a 3000", "256 b 1000"]);
    counts.takeStacks([[id("a"), 300], [id("b"), 110]]);
    counts.takeFlood([["256", 4160]]);
    assert.deepEqual(handed.splice(0), ["256 b 10", "256 b 160"]);
    assert.deepEqual(counts.end(), { counted: 4570, byKey: 4160, withheld: 0 });
  });

  it("keeps keys apart, and what it cannot hand on until it can", () => {
    let isKnown = false;
    const { handed, counts } = collect((key) => key !== "256" || isKnown);
    counts.takeFlood([["512", 7], ["256", 5], ["-18446744073709549823", 2]]);
    counts.takeStacks([[id("a"), 1], [id("b", 512), 1]]);
    counts.takeFlood([["512", 8]]);
    assert.deepEqual(handed.splice(0), ["512 b 1", "512 b 8"]);
    assert.deepEqual(counts.end(), { counted: 17, byKey: 15, withheld: 8 });
    isKnown = true;
    counts.end();
    assert.deepEqual(handed, ["256 a 1", "256 a 5"]);
  });

  it("hands on every event once, in whatever order and parts the maps come", () => {
    const print = fc.record({ stacks: fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.nat(50)), { maxLength: 4 }), flood: fc.nat(500) });
    fc.assert(fc.property(fc.array(print, { minLength: 1, maxLength: 8 }), (prints) => {
      let total = 0;
      const counts = new CountedEvents(new RecordReader([]), (_key, _stack, times) => ((total += times), true));
      const totals = new Map<string, number>([["a", 1]]);
      let flood = 0;
      for (const next of prints) {
        for (const [symbol, more] of next.stacks) totals.set(symbol, (totals.get(symbol) ?? 0) + more);
        counts.takeStacks([...totals].map(([symbol, count]) => [id(symbol), count]));
        flood += next.flood;
        counts.takeFlood([["256", flood]]);
      }
      const { counted, withheld } = counts.end();
      assert.deepEqual([total, withheld], [counted, 0]);
      assert.equal(counted, flood + [...totals.values()].reduce((sum, count) => sum + count, 0));
    }));
  });
});

describe("shares", () => {
  it("are whole, add up, and are off by less than one", () => {
    fc.assert(fc.property(fc.nat(100_000), fc.array(fc.nat(1000), { minLength: 1, maxLength: 20 }).filter((weights) => weights.some(Boolean)), (total, weights) => {
      const parts = shares(total, weights);
      const sum = weights.reduce((all, weight) => all + weight, 0);
      assert.equal(parts.reduce((all, part) => all + part, 0), total);
      for (const [index, weight] of weights.entries()) assert.ok(Math.abs((parts[index] ?? 0) - (total * weight) / sum) < 1);
    }));
  });
});
