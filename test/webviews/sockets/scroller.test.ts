import assert from "node:assert/strict";
import fc from "fast-check";
import { Scroller } from "../../../src/webviews/sockets/scroller";

function scroller(rows: number, viewport = 440): Scroller {
  const made = new Scroller(22);
  made.rows = rows;
  made.viewport = viewport;
  return made;
}

describe("Scroller", () => {
  it("is pixel for pixel while a browser bears it", () => {
    const list = scroller(1000);
    assert.deepEqual([list.height, list.compressed], [22_000, false]);
    list.scrollTop = 220;
    assert.deepEqual([list.top, list.scrollTop, list.sight], [10, 220, [10, 30]]);
  });

  it("reaches the last row of a million", () => {
    const list = scroller(1_000_000);
    assert.ok(list.compressed && list.height <= 8_000_000);
    list.scrollTop = list.height - 440;
    assert.deepEqual(list.sight, [999_980, 1_000_000]);
    list.scrollTop = 0;
    assert.deepEqual(list.sight, [0, 20]);
  });

  it("moves by single rows, however many there are", () => {
    const list = scroller(1_000_000);
    list.top = 500_000;
    for (const row of [500_020, 500_021]) list.reveal(row);
    assert.equal(list.top, 500_002);
    list.reveal(500_001);
    assert.equal(list.top, 500_001);
  });

  it("stays within the list", () => {
    const numbers = fc.double({ noNaN: true, min: -1e9, max: 1e9 });
    fc.assert(fc.property(fc.nat(3_000_000), fc.integer({ min: 0, max: 5000 }), numbers, numbers, (rows, viewport, top, pixels) => {
      const list = scroller(rows, viewport);
      for (const move of [() => (list.top = top), () => (list.scrollTop = pixels), () => list.reveal(Math.max(0, Math.min(rows - 1, Math.floor(top))))]) {
        move();
        const [first, last] = list.sight;
        assert.ok(first >= 0 && last <= rows && (first <= last || rows === 0), `${first}..${last} of ${rows}`);
        assert.ok(list.scrollTop >= 0 && list.scrollTop <= Math.max(0, list.height - viewport));
      }
    }), { examples: [[262_290, 3203, 0, 5_767_177]] });
  });

  it("comes back to the row it was at", () => {
    fc.assert(fc.property(fc.integer({ min: 400_000, max: 2_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (rows, part) => {
      const list = scroller(rows);
      list.top = part * rows;
      const { top, scrollTop } = list;
      list.scrollTop = scrollTop;
      assert.ok(Math.abs(list.top - top) < 0.01);
    }));
  });
});
