import assert from "node:assert/strict";
import fc from "fast-check";
import { Slices } from "../../src/base/slices";
import { sortIndexes } from "../../src/base/sortIndexes";

const sorted = async (values: readonly number[], slices = new Slices()): Promise<number[]> => {
  const indexes = Uint32Array.from(values, (_, index) => index);
  return [...(await sortIndexes(indexes, (a, b) => (values[a] ?? 0) - (values[b] ?? 0), slices))];
};

/** What it must give: stable, so equal values stay in their order. */
const expected = (values: readonly number[]): number[] => values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);

describe("sortIndexes", () => {
  it("sorts short lists like any other sort", () =>
    fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 20 })), async (values) => assert.deepEqual(await sorted(values), expected(values)))));

  it("merges long ones, equal values in their order", async () => {
    for (const length of [4096, 4097, 8192, 30_001]) {
      const values = Array.from({ length }, (_, index) => (index * 7919) % 101);
      assert.deepEqual(await sorted(values), expected(values));
    }
  });

  it("lets other work run, and ends when it is told to", async () => {
    const abort = new AbortController();
    const values = Array.from({ length: 200_000 }, (_, index) => (index * 7919) % 100_003);
    const running = sorted(values, new Slices(abort.signal, 0));
    abort.abort(new Error("enough"));
    await assert.rejects(running, /enough/);
  });
});
