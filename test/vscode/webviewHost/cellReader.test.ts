import assert from "node:assert/strict";
import fc from "fast-check";
import { SocketTable } from "../../../src/collectors/socketTable";
import { tableColumns, type SocketColumnId } from "../../../src/protocol/tableColumns";
import { tcpInfoOffset, tcpInfoWord } from "../../../src/sockdiag/tcpInfoWord";
import { arrangeRows } from "../../../src/vscode/webviewHost/arrangeRows";
import { cellReader } from "../../../src/vscode/webviewHost/cellReader";
import { rowsOf } from "../../../src/vscode/webviewHost/rowSource";
import { cellOf } from "../../../src/vscode/webviewHost/socketCells";
import { manySockets } from "../../support/manySockets";
import { attribute } from "../../support/netlinkWriter";
import { columnsOf, interfaces } from "../../support/socketZoo";

/** One of every kind that tests can describe: both families, mapped addresses, a unix socket. */
function zoo(endianness: "little" | "big"): SocketTable {
  const at = (address: string, port: number) => ({ address, port });
  const columns = columnsOf([
    { family: "ipv4", local: at("10.0.0.10", 80), remote: at("10.0.0.2", 50_000), mark: 3 },
    { family: "ipv6", local: at("2001:db8::1", 443), remote: at("::ffff:10.0.0.9", 1), interface: "eth0", cgroup: "id:42" },
    { family: "unix", local: { address: "/run/x.sock" }, remote: { address: "*" } },
    { family: "ipv4", local: at("10.0.0.9", 80), remote: at("0.0.0.0", 0) },
    { family: "ipv6", local: at("::1", 22), remote: at("::", 0) },
  ], endianness);
  const places = new Map([[0, { netns: { inode: 1, name: "blue", isInit: false }, interfaces: new Map([...interfaces].map(([name, index]) => [index, name])), files: new Map<string, string>() }]]);
  return new SocketTable(columns, { places, owners: new Map([[7, [{ pid: 812, name: "nginx", fd: 6 }]]]), cgroups: new Map() });
}

const ids = tableColumns.map(({ id }) => id);

describe("cells read from columns", () => {
  for (const [name, table] of [["a zoo", zoo("little")], ["a zoo of a big-endian host", zoo("big")], ["many with tcp_info", manySockets(60)]] as const) {
    it(`are those of the rows: ${name}`, () => {
      for (const id of ids) {
        const read = cellReader(table, id);
        for (let row = 0; row < table.length; row++) assert.deepEqual(read(row), cellOf[id](table.row(row)), `${id} of ${row}`);
      }
    });

    it(`sort and find as rows do: ${name}`, async () => {
      const slow = rowsOf([...table]);
      const columns: readonly SocketColumnId[] = ids;
      for (const column of ids) {
        for (const descending of [false, true]) {
          const request = { find: "10.", columns, order: { column, descending } };
          assert.deepEqual([...(await arrangeRows(table, request))], [...(await arrangeRows(slow, request))], column);
        }
      }
    });
  }

  it("find a field of tcp_info wherever it stands, and none where there is none", () => {
    const info = (length: number) => attribute("little", 2, (writer) => writer.bytes(Buffer.alloc(length, 1)));
    const other = attribute("little", 8, (writer) => writer.u8(0));
    assert.equal(tcpInfoWord(Buffer.concat([other, info(104)]), "little", tcpInfoOffset.total_retrans), 0x01010101);
    assert.equal(tcpInfoWord(Buffer.concat([other, info(100)]), "little", tcpInfoOffset.total_retrans), undefined);
    assert.equal(tcpInfoWord(other, "little", tcpInfoOffset.rtt), undefined);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom("little" as const, "big" as const), (bytes, endianness) => {
      const value = tcpInfoWord(bytes, endianness, tcpInfoOffset.rtt);
      assert.ok(value === undefined || (value >= 0 && value <= 0xffff_ffff));
    }));
  });
});
