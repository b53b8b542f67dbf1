import assert from "node:assert/strict";
import fc from "fast-check";
import { columnsOf, firstColumns, isColumn, tableColumns, tableProtocols } from "../../src/protocol/tableColumns";
import { orderOf, plainLook, readLook, shownColumns, withColumns, withOrder, withWidth } from "../../src/protocol/tableLook";
import { protocols } from "../../src/sockdiag/protocols";

const unix = { ...plainLook, protocols: ["unix"] as const };

describe("columns of the socket table", () => {
  it("are of all protocols that sock_diag knows, in its order", () => assert.deepEqual(tableProtocols.map(({ id }) => id), protocols));
  it("are for each protocol those that say something of it", () => {
    const first = (...of: Parameters<typeof firstColumns>[0]): string => firstColumns(of).join(" ");
    assert.equal(first("tcp", "udp"), "protocol state local remote recvQ sendQ process timer rtt cwnd retransmits");
    assert.equal(first("udp"), "protocol state local remote recvQ sendQ process");
    assert.equal(first("unix"), "protocol type state local peer recvQ sendQ process");
    assert.equal(first("netlink"), "protocol local recvQ sendQ process groups drops");
    assert.equal(first("xdp"), "protocol process queue rings umem interface");
  });
  it("are shown only where they can be offered", () => {
    for (const { id } of tableProtocols) assert.deepEqual(firstColumns([id]).filter((column) => !columnsOf([id]).includes(column)), [], id);
    assert.deepEqual(columnsOf(protocols), tableColumns.map(({ id }) => id));
  });
});

describe("how a table was arranged", () => {
  it("is kept for each choice of protocols", () => {
    const arranged = withOrder(withColumns(unix, ["peer", "inode"]), { column: "peer", descending: true });
    assert.deepEqual([shownColumns(arranged), orderOf(arranged)?.column], [["peer", "inode"], "peer"]);
    const other = { ...arranged, protocols: ["tcp"] as const };
    assert.deepEqual([shownColumns(other), orderOf(other)], [firstColumns(["tcp"]), undefined]);
    assert.deepEqual(shownColumns(withColumns(arranged, undefined)), firstColumns(["unix"]));
  });
  it("survives being kept as JSON", () => {
    const look = withWidth(withWidth(withOrder(withColumns(unix, ["local"]), { column: "local", descending: false }), "local", 300), "peer", 80);
    assert.deepEqual(readLook(JSON.parse(JSON.stringify(look))), look);
    assert.deepEqual(withWidth(look, "peer", undefined).widths, { local: 300 });
  });
  it("is read from anything: what is not understood is left out", () => {
    assert.deepEqual(readLook({ protocols: ["dccp"], columns: { tcp: ["rtt", "colour"] }, orders: { tcp: { column: "colour", descending: true } }, widths: { rtt: 2, local: 200, colour: 100 } }),
      { protocols: ["tcp", "udp"], columns: { tcp: ["rtt"] }, orders: {}, widths: { local: 200 } });
    fc.assert(fc.property(fc.oneof(fc.anything(), fc.record({ protocols: fc.anything(), columns: fc.anything(), orders: fc.anything(), widths: fc.anything() })), (kept) => {
      const look = readLook(kept);
      assert.ok(shownColumns(look).length > 0 && shownColumns(look).every(isColumn));
    }));
  });
});
