import assert from "node:assert/strict";
import fc from "fast-check";
import { socketColumns, type SocketCells } from "../../../src/protocol/socketTable";
import { compareCells, TableModel } from "../../../src/webviews/sockets/tableModel";

const row = (cells: Readonly<Record<string, string | number>>): SocketCells => socketColumns.map(({ id }) => cells[id] ?? null);
const data = (rows: SocketCells[]) => ({ host: "lab", filter: "", takenAt: 0, notes: [], rows });

describe("TableModel", () => {
  const model = new TableModel();
  beforeEach(() => {
    model.setText("");
    model.setData(data([row({ local: "10.0.0.10:80", sendQ: 5 }), row({ local: "10.0.0.9:80" }), row({ local: "[::1]:80", sendQ: 0 })]));
  });
  it("sorts up, down and back, the unknown last", () => {
    model.cycleSort("sendQ");
    assert.deepEqual(model.rows, [2, 0, 1]);
    model.cycleSort("sendQ");
    assert.deepEqual(model.rows, [0, 2, 1]);
    model.cycleSort("sendQ");
    assert.deepEqual(model.rows, [0, 1, 2]);
  });
  it("sorts addresses by their numbers", () => {
    model.cycleSort("local");
    assert.deepEqual(model.rows.filter((index) => index < 2), [1, 0]);
    model.cycleSort("local");
    model.cycleSort("local");
  });
  it("finds rows that have all words", () => {
    model.setText("10.0 :80  9");
    assert.deepEqual(model.rows, [1]);
  });
  it("keeps order and search when new data comes", () => {
    model.setText("80");
    model.cycleSort("sendQ");
    model.setData(data([row({ local: "a:80", sendQ: 2 }), row({ local: "b:81", sendQ: 1 }), row({ local: "c:80", sendQ: 1 })]));
    assert.deepEqual(model.rows, [2, 0]);
  });
  it("compares as an order does", () => {
    const cells = fc.oneof(fc.constant(null), fc.integer(), fc.string({ maxLength: 3 }));
    fc.assert(fc.property(cells, cells, fc.boolean(), (a, b, descending) => assert.ok(Math.sign(compareCells(a, b, descending)) + Math.sign(compareCells(b, a, descending)) === 0)));
  });
});
