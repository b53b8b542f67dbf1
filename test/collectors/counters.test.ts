import assert from "node:assert/strict";
import fc from "fast-check";
import { counterDeltas, parseCounters } from "../../src/collectors/counters";
import { readPortRange, readQueueLimits } from "../../src/collectors/namespaceFiles";

const snmp = `Ip: Forwarding DefaultTTL InReceives
Ip: 1 64 100
Tcp: RtoAlgorithm MaxConn OutRsts CurrEstab
Tcp: 1 -1 7 3
`;
const netstat = `TcpExt: SyncookiesSent ListenOverflows ListenDrops
TcpExt: 0 12 15
IpExt: InOctets
IpExt: 12345678901
`;

describe("counters", () => {
  it("are named as nstat names them", () => {
    assert.deepEqual(parseCounters(snmp + netstat), {
      IpForwarding: 1, IpDefaultTTL: 64, IpInReceives: 100, TcpRtoAlgorithm: 1, TcpMaxConn: -1, TcpOutRsts: 7, TcpCurrEstab: 3,
      TcpExtSyncookiesSent: 0, TcpExtListenOverflows: 12, TcpExtListenDrops: 15, IpExtInOctets: 12345678901,
    });
  });

  it("are left out where names and values do not match", () => {
    assert.deepEqual(parseCounters("Tcp: A B\nTcp: 1\nTcpExt: C\nTcpExt: x\nUdp: D\nUdp: 4\n"), { UdpD: 4 });
    fc.assert(fc.property(fc.string(), (text) => void parseCounters(text)));
  });

  it("differ by what rose; gauges are no counters", () => {
    const before = { TcpOutRsts: 7, TcpCurrEstab: 1, TcpExtListenDrops: 15, IpInReceives: 100 };
    assert.deepEqual(counterDeltas(before, { TcpOutRsts: 9, TcpCurrEstab: 5, TcpExtListenDrops: 15, IpInReceives: 4, TcpNew: 3 }), { TcpOutRsts: 2, IpInReceives: 4 });
  });
});

describe("sysctls of a namespace", () => {
  it("are known only as far as they could be read", () => {
    const files = new Map([["/proc/sys/net/core/somaxconn", "4096\n"], ["/proc/sys/net/ipv4/tcp_syncookies", ""], ["/proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n"]]);
    assert.deepEqual(readQueueLimits(files), { somaxconn: 4096 });
    assert.deepEqual(readPortRange(files), [32768, 60999]);
    assert.equal(readPortRange(new Map()), undefined);
  });
});
