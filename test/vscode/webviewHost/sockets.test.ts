import assert from "node:assert/strict";
import fc from "fast-check";
import { tableColumns } from "../../../src/protocol/tableColumns";
import { socketCells } from "../../../src/vscode/webviewHost/socketCells";
import { socketDetails } from "../../../src/vscode/webviewHost/socketDetails";
import type { SocketRow } from "../../../src/collectors/socketModel";
import { exportText } from "../../../src/vscode/webviewHost/socketExport";
import { filterVocabulary } from "../../../src/vscode/webviewHost/filterVocabulary";
import { rowsOf } from "../../../src/vscode/webviewHost/rowSource";
import { listener, socketRow } from "../support/samples";

const cell = (id: string, row = socketRow()) => socketCells(row)[tableColumns.findIndex((column) => column.id === id)];

describe("socketCells", () => {
  it("shows tcp_info in the reader's units", () => assert.deepEqual([cell("rtt"), cell("cwnd"), cell("retransmits")], [1.5, 10, 2]));
  it("keeps the unknown unknown", () => assert.deepEqual([cell("uid"), cell("process", { ...socketRow(), inode: 7 }), cell("recvQ")], [null, null, 0]));
  it("knows that nobody holds a socket without an inode, such as a handshake", () => assert.equal(cell("process"), ""));
  it("keeps every field of tcp_info in the details", () => {
    const tcpInfo = socketDetails(socketRow()).find(({ title }) => title === "tcp_info");
    assert.deepEqual(tcpInfo?.fields, [["rtt", "1.5 ms"], ["snd_cwnd", "10 segments"], ["total_retrans", "2 segments"]]);
  });
});

async function exported(format: "csv" | "json", rows: readonly SocketRow[]): Promise<string> {
  let text = "";
  for await (const piece of exportText(format, rowsOf(rows), Uint32Array.from(rows, (_, index) => index))) text += piece;
  return text;
}

describe("socketDetails", () => {
  it("leaves nothing out", () => {
    const row = socketRow({
      options: ["freebind", "mc_all"], ulp: { name: "tls", tls: { version: 772 } }, shutdown: 2, memory: { rmem_alloc: 0, sndbuf: 87_040, drops: 3 }, congestion: "bbr", congestionInfo: { bw: "125000" },
      md5: [{ address: "10.0.0.2", prefixLength: 32 }], tos: 16,
    });
    const all = Object.fromEntries(socketDetails(row).map(({ title, fields }) => [title, Object.fromEntries(fields)]));
    assert.deepEqual([all["Memory"], all["Congestion control bbr"]], [{ rmem_alloc: "0 B", sndbuf: "87.04 kB (87040)", drops: "3" }, { bw: "125000" }]);
    assert.deepEqual(all["More"], { "ulp name": "tls", "ulp tls version": "772", md5: '{"address":"10.0.0.2","prefixLength":32}', tos: "16" });
    assert.deepEqual([all["Socket"]?.["Shut down"], all["Socket"]?.["Options"]], ["sending", "freebind mc_all"]);
  });
});

describe("export", () => {
  it("quotes what CSV must quote, and runs no formula", async () => {
    const csv = await exported("csv", [socketRow({ processes: [{ pid: 1, name: '=cmd,"x"', fd: 3 }], sendQ: -1 })]);
    assert.match(csv.split("\r\n")[1] ?? "", /,-1,"'=cmd,""x""\[1\]",/);
  });
  it("gives as many CSV fields as columns, whatever a name holds", () =>
    fc.assert(fc.asyncProperty(fc.string(), async (name) => {
      const csv = await exported("csv", [socketRow({ processes: [{ pid: 1, name, fd: 3 }] })]);
      const record = csv.slice(csv.indexOf("\r\n") + 2, -2);
      const fields = record.match(/("(?:[^"]|"")*"|[^,]*)(,|$)/g)?.filter((_, index) => index < tableColumns.length) ?? [];
      assert.equal(fields.length, tableColumns.length);
    })));
  it("writes one JSON object a line, in pieces when there are many", async () => {
    const lines = (await exported("json", Array.from({ length: 3000 }, () => socketRow()))).trimEnd().split("\n");
    assert.equal(lines.length, 3000);
    assert.deepEqual(new Set(lines.map((line) => (JSON.parse(line) as { state: string }).state)), new Set(["ESTAB"]));
  });
});

describe("the values that a host offers to filters", () => {
  it("are those of its listeners, then the most frequent", () => {
    const rows = [socketRow({ interface: "eth0", mark: 26 }), socketRow(), socketRow({ local: { address: "::1", port: 22 } })];
    const known = filterVocabulary(rowsOf(rows), [listener()], ["eth0", "lo"]);
    assert.deepEqual(known.localPorts.map(({ text, detail }) => `${text} ${detail}`), [":8080 listens · nginx[812] · 1 socket", ":443 2 sockets", ":22 1 socket"]);
    assert.deepEqual(known.localAddresses.map(({ text }) => text), ["10.0.0.1", "[::1]"]);
    assert.deepEqual(known.interfaces.map(({ text }) => text), ["eth0", "lo"]);
    assert.deepEqual(known.marks.map(({ text }) => text), ["0x1a"]);
  });
});
