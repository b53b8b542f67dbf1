import assert from "node:assert/strict";
import fc from "fast-check";
import { socketColumns } from "../../../src/protocol/socketTable";
import { socketCells, socketDetails } from "../../../src/vscode/webviewHost/socketCells";
import { socketsAsCsv, socketsAsJson } from "../../../src/vscode/webviewHost/socketExport";
import { socketRow } from "../support/samples";

const cell = (id: string, row = socketRow()) => socketCells(row)[socketColumns.findIndex((column) => column.id === id)];

describe("socketCells", () => {
  it("shows tcp_info in the reader's units", () => assert.deepEqual([cell("rtt"), cell("cwnd"), cell("retransmits")], [1.5, 10, 2]));
  it("keeps the unknown unknown", () => assert.deepEqual([cell("uid"), cell("process"), cell("recvQ")], [null, null, 0]));
  it("keeps every field of tcp_info in the details", () => {
    const tcpInfo = socketDetails(socketRow()).find(({ title }) => title === "tcp_info");
    assert.deepEqual(tcpInfo?.fields, [["rtt", "1500"], ["snd_cwnd", "10"], ["total_retrans", "2"]]);
  });
});

describe("export", () => {
  it("quotes what CSV must quote, and runs no formula", () => {
    const csv = socketsAsCsv([socketRow({ processes: [{ pid: 1, name: '=cmd,"x"', fd: 3 }], sendQ: -1 })]);
    assert.match(csv.split("\r\n")[1] ?? "", /,-1,"'=cmd,""x""\[1\]",/);
  });
  it("gives as many CSV fields as columns, whatever a name holds", () =>
    fc.assert(fc.property(fc.string(), (name) => {
      const csv = socketsAsCsv([socketRow({ processes: [{ pid: 1, name, fd: 3 }] })]);
      const record = csv.slice(csv.indexOf("\r\n") + 2, -2);
      const fields = record.match(/("(?:[^"]|"")*"|[^,]*)(,|$)/g)?.filter((_, index) => index < socketColumns.length) ?? [];
      assert.equal(fields.length, socketColumns.length);
    })));
  it("writes one JSON object a line", () => {
    const lines = socketsAsJson([socketRow(), socketRow()]).trimEnd().split("\n");
    assert.deepEqual(lines.map((line) => (JSON.parse(line) as { state: string }).state), ["ESTAB", "ESTAB"]);
  });
});
