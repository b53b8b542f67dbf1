import assert from "node:assert/strict";
import fc from "fast-check";
import { partMark, recordMark } from "../../src/bpftrace/recordProgram";
import { RecordParts } from "../../src/bpftrace/recordParts";

const event = (nanoseconds: number, processor: number): string => ((BigInt(nanoseconds) << 8n) | BigInt(processor)).toString(16);
const partsOf = (id: string, texts: readonly string[]): string[] => texts.map((text, index) => `${partMark} ${id} ${index}/${texts.length} ${text}`);

describe("RecordParts", () => {
  it("join what several processors print at once", () => {
    const parts = new RecordParts();
    const [one, other] = [partsOf(event(1000, 0), ["f|0", "|1", "|7\n\ncomm a\n"]), partsOf(event(1000, 1), ["f|0", "|2", "|8\n\ncomm b\n"])];
    const joined = [one[0], other[0], other[1], one[1], one[2], other[2]].map((text = "") => parts.join(text));
    assert.deepEqual(joined, [undefined, undefined, undefined, undefined, `${recordMark} f|0|1|7\n\ncomm a\n`, `${recordMark} f|0|2|8\n\ncomm b\n`]);
  });

  it("hand on what is no part", () => {
    for (const text of ["knetscope ready\n", `${recordMark} f|0`, `${partMark} x`, ""]) assert.equal(new RecordParts().join(text), text);
  });

  it("make nothing of a record that lacks a part, and everything of the others, whatever is lost", () => {
    const records = fc.array(fc.record({ processor: fc.nat(3), parts: fc.integer({ min: 1, max: 12 }) }), { minLength: 1, maxLength: 30 });
    fc.assert(fc.property(records, fc.infiniteStream(fc.nat(9)), (events, luck) => {
      const parts = new RecordParts();
      const [seen, whole]: string[][] = [[], []];
      for (const [index, { processor, parts: count }] of events.entries()) {
        const texts = Array.from({ length: count }, (_, part) => `e${index}.${part};`);
        const kept = partsOf(event(index + 1, processor), texts).filter(() => luck.next().value !== 0);
        if (kept.length === count) whole?.push(`${recordMark} ${texts.join("")}`);
        for (const text of kept) seen?.push(...[parts.join(text) ?? []].flat());
      }
      assert.deepEqual(seen, whole);
    }));
  });

  it("tell how many records lost lines were, at least", () => {
    const parts = new RecordParts();
    assert.equal(parts.recordsOf(9), 9);
    for (const text of partsOf(event(1, 0), ["f", "|1", "|2", "|3"])) parts.join(text);
    assert.equal(parts.recordsOf(9), 3);
  });
});
