import assert from "node:assert/strict";
import fc from "fast-check";
import { evidenceBetween, parseConntrackStat, parseSockstat, parseSoftnetStat, readEvidence } from "../../src/collectors/networkEvidence";
import { initNetns } from "../vscode/support/samples";

describe("network evidence", () => {
  it("sockstat", () => {
    assert.deepEqual(parseSockstat("sockets: used 157\nTCP: inuse 5 orphan 1 tw 7 alloc 6 mem 2\nUDP: inuse 3 mem 0\n"), {
      "sockets.used": 157, "TCP.inuse": 5, "TCP.orphan": 1, "TCP.tw": 7, "TCP.alloc": 6, "TCP.mem": 2, "UDP.inuse": 3, "UDP.mem": 0,
    });
  });

  it("conntrack: columns by their names, hex, all CPUs together", () => {
    const text = "entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop\n00000005  00000000 00000000 00000000 0000000a 00000000 00000000 00000000 00000000 00000001 00000002 00000000\n00000005  00000000 00000000 00000000 00000006 00000000 00000000 00000000 00000000 00000000 00000000 00000003\n";
    assert.deepEqual(parseConntrackStat(text), { ConntrackInvalid: 16, ConntrackInsertFailed: 1, ConntrackDrop: 2, ConntrackEarlyDrop: 3 });
    assert.deepEqual(parseConntrackStat(""), {});
  });

  it("softnet: dropped and squeezed, all CPUs together", () => {
    assert.deepEqual(parseSoftnetStat("00000a00 00000001 00000002 00000000\n00000b00 00000010 00000000 00000000\n"), { SoftnetDropped: 17, SoftnetTimeSqueeze: 2 });
  });

  it("looks of two times: what rose, and the settings of now", () => {
    const files = (invalid: string, orphans: number) => new Map([
      ["/proc/net/stat/nf_conntrack", `entries invalid\n1 ${invalid}\n`], ["/proc/net/sockstat", `TCP: orphan ${orphans}\n`], ["/proc/sys/net/ipv4/tcp_mem", "10\t20\t30\n"], ["/proc/sys/net/ipv4/tcp_syncookies", "1\n"],
    ]);
    const evidence = evidenceBetween(readEvidence(initNetns, files("5", 1)), readEvidence(initNetns, files("8", 2)), 10);
    assert.deepEqual(evidence, {
      place: "", isInit: true, seconds: 10, rises: { ConntrackInvalid: 3 }, settings: { "ipv4.tcp_mem.0": 10, "ipv4.tcp_mem.1": 20, "ipv4.tcp_mem.2": 30, "ipv4.tcp_syncookies": 1 }, sockets: { "TCP.orphan": 2 },
    });
  });

  it("never throws on damaged text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      parseSockstat(text);
      parseConntrackStat(`entries invalid\n${text}`);
      parseSoftnetStat(text);
    }));
  });
});
