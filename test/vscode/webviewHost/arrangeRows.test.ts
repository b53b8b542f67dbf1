import assert from "node:assert/strict";
import fc from "fast-check";
import type { SocketRow } from "../../../src/collectors/socketModel";
import { SocketTable } from "../../../src/collectors/socketTable";
import { tableColumns, type SocketColumnId } from "../../../src/protocol/tableColumns";
import { arrangeRows } from "../../../src/vscode/webviewHost/arrangeRows";
import { rowsOf } from "../../../src/vscode/webviewHost/rowSource";
import { cellOf } from "../../../src/vscode/webviewHost/socketCells";
import { SocketTableModel } from "../../../src/vscode/webviewHost/socketTableModel";
import { manySockets } from "../../support/manySockets";
import { socketRow } from "../support/samples";

const columns: readonly SocketColumnId[] = ["state", "local", "remote", "sendQ"];
const at = (address: string, port = 80, more: Partial<SocketRow> = {}): SocketRow => socketRow({ local: { address, port }, ...more });
const unknownSendQ = (row: SocketRow): SocketRow => Object.fromEntries(Object.entries(row).filter(([name]) => name !== "sendQ")) as unknown as SocketRow;

async function order(rows: readonly SocketRow[], column: SocketColumnId, descending = false): Promise<number[]> {
  return [...(await arrangeRows(rowsOf(rows), { find: "", columns, order: { column, descending } }))];
}

describe("the arrangement of sockets", () => {
  it("puts the unknown last in either direction", async () => {
    const rows = [at("10.0.0.1", 1, { sendQ: 5 }), unknownSendQ(at("10.0.0.1")), at("10.0.0.1", 1, { sendQ: 0 })];
    assert.deepEqual(await order(rows, "sendQ"), [2, 0, 1]);
    assert.deepEqual(await order(rows, "sendQ", true), [0, 2, 1]);
  });

  it("sorts addresses by their numbers, then ports, names behind", async () => {
    const rows = [at("10.0.0.10"), at("/run/b.sock", 0, { family: "unix" }), at("10.0.0.9", 443), at("::1"), at("10.0.0.9"), at("/run/a.sock", 0, { family: "unix" }), at("2001:db8::1")];
    assert.deepEqual(await order(rows, "local"), [4, 2, 0, 3, 6, 5, 1]);
  });

  it("sorts timers by time and cookies by number", async () => {
    const timer = (expiresMs: number, name = "on") => at("10.0.0.1", 1, { timer: { name, expiresMs, retransmits: 0 } });
    assert.deepEqual(await order([timer(900, "on"), timer(1100, "keepalive"), timer(20, "timewait")], "timer"), [2, 0, 1]);
    assert.deepEqual(await order([at("1.1.1.1", 1, { cookie: "10" }), at("1.1.1.1", 1, { cookie: "a" })], "cookie"), [1, 0]);
  });

  it("finds rows that have all words, in any case", async () => {
    const rows = [at("10.0.0.10"), at("10.0.0.9"), at("10.0.0.9", 81)];
    assert.deepEqual([...(await arrangeRows(rowsOf(rows), { find: "  estab :80  0.9", columns }))], [1]);
  });

  it("is a permutation of what is found, sorted by what is shown, for every column", async () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom("*", "/run/x"));
    const anyRow = fc.record({ address, port: fc.nat(65535), sendQ: fc.option(fc.nat(9)), state: fc.constantFrom("ESTAB", "LISTEN"), uid: fc.option(fc.nat(3)) }).map(({ address: text, port, sendQ, state, uid }) =>
      (sendQ === null ? unknownSendQ : (row: SocketRow) => row)(at(text, port, { state, ...(sendQ !== null && { sendQ }), ...(uid !== null && { uid }) })));
    await fc.assert(fc.asyncProperty(fc.array(anyRow), fc.constantFrom(...tableColumns.map(({ id }) => id)), fc.boolean(), async (rows, column, descending) => {
      const arranged = await order(rows, column, descending);
      assert.deepEqual([...arranged].sort((a, b) => a - b), rows.map((_, index) => index));
      const values = arranged.map((index) => cellOf[column](rows[index]!)).filter((cell): cell is number => typeof cell === "number");
      assert.deepEqual(values, [...values].sort((a, b) => (descending ? b - a : a - b)));
    }));
  });
});

describe("SocketTableModel", () => {
  const notes = { takenAt: 1, source: "sock_diag" as const, notes: [], findings: [], plan: { states: 0xfff, notes: [] } };
  const setUp = (count: number): SocketTableModel => {
    const model = new SocketTableModel("lab", () => ["state listening"]);
    model.show({ filter: "dport = :80", protocols: ["tcp"] }, rowsOf(Array.from({ length: count }, (_, index) => at("10.0.0.1", index))), notes);
    return model;
  };

  it("gives windows of the arrangement that is asked for, and none of an older one", async () => {
    const model = setUp(300);
    const { version } = model.state().arrangement;
    const window = (of: number) => model.rows({ version: of, from: 290, count: 100, columns: ["local"] }).rows.map(([cell]) => cell);
    assert.deepEqual(window(version).at(-1), "10.0.0.1:299");
    const arranged = await model.arrange({ find: "", columns, order: { column: "local", descending: true } });
    assert.deepEqual([arranged?.count, window(version), window(arranged?.version ?? 0).at(-1)], [300, [], "10.0.0.1:*"]);
  });

  it("shows rows before their processes, which then take their places in the same order", async () => {
    const named = manySockets(50);
    const model = new SocketTableModel("lab", () => []);
    model.show({ filter: "", protocols: ["tcp"] }, new SocketTable(named.columns, { ...named.surroundings, owners: new Map(), ownersUnasked: true }), notes);
    await model.arrange({ find: "", columns, order: { column: "remote", descending: true } });
    const shown = (): readonly (readonly (string | number | null)[])[] => model.rows({ version: model.state().arrangement.version, from: 0, count: 2, columns: ["remote", "process"] }).rows;
    const before = shown();
    assert.deepEqual([before.map(([, process]) => process), model.state().notes], [["…", "…"], ["their processes are being read…"]]);
    const { version } = model.state().arrangement;
    model.name(named, ["one process could not be read"]);
    assert.deepEqual([shown(), model.state().notes, model.state().arrangement.version > version], [before.map(([remote]) => [remote, "nginx[812]"]), ["one process could not be read"], true]);
  });

  it("lets the later of two arrangements win", async () => {
    const model = setUp(50_000);
    const first = model.arrange({ find: "", columns, order: { column: "local", descending: true } });
    const second = model.arrange({ find: ":49999", columns });
    assert.equal(await first, undefined);
    assert.equal((await second)?.count, 1);
  });

  it("says how the sockets were read", () => {
    const model = setUp(1);
    model.show({ filter: "", protocols: ["tcp"] }, rowsOf([]), { ...notes, source: "proc", notes: ["n"] });
    assert.deepEqual(model.state().notes, ["read from /proc/net: states and queues only", "n"]);
    assert.deepEqual(model.details({ version: model.state().arrangement.version, position: 0 }), []);
  });
});
