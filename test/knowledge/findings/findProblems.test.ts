import assert from "node:assert/strict";
import fc from "fast-check";
import { findProblems } from "../../../src/knowledge/findings/findProblems";
import type { NamespaceEvidence } from "../../../src/knowledge/findings/problem";

/** A quiet host with the defaults of a distribution, and what the test changes. */
const look = (more: { rises?: Record<string, number>; settings?: Record<string, number>; sockets?: Record<string, number>; isInit?: boolean } = {}): NamespaceEvidence => ({
  place: "", isInit: more.isInit ?? true, seconds: 30,
  rises: { TcpInSegs: 1000, TcpOutSegs: 1000, TcpActiveOpens: 20, TcpPassiveOpens: 30, TcpOutRsts: 2, TcpExtDelayedACKs: 40, ...more.rises },
  settings: {
    "core.somaxconn": 4096, "core.netdev_max_backlog": 1000, "ipv4.tcp_abort_on_overflow": 0, "ipv4.tcp_syncookies": 1, "ipv4.tcp_max_orphans": 8192, "ipv4.tcp_mem.0": 22000, "ipv4.tcp_mem.1": 30000,
    "ipv4.tcp_mem.2": 45000, "ipv4.tcp_max_tw_buckets": 8192, "ipv4.tcp_tw_reuse": 2, "ipv4.ip_local_port_range.0": 32768, "ipv4.ip_local_port_range.1": 60999, "netfilter.nf_conntrack_count": 50,
    "netfilter.nf_conntrack_max": 65536, "netfilter.nf_conntrack_tcp_be_liberal": 0, ...more.settings,
  },
  sockets: { "TCP.inuse": 12, "TCP.orphan": 0, "TCP.tw": 3, "TCP.alloc": 15, "TCP.mem": 2, ...more.sockets },
});

function check(name: string, evidence: NamespaceEvidence, expected: readonly string[]): void {
  it(name, () => {
    const problems = findProblems(evidence);
    assert.deepEqual(problems.map(({ id, severity }) => `${severity} ${id}`), expected);
    for (const { evidence: proofs, citation, detail, title, remedy } of problems) {
      assert.ok(proofs.length > 0 && proofs.every((proof) => /\d/.test(proof)), title);
      assert.match(citation, /\w+.*, (?:net|include|Documentation)\//, title);
      assert.match(detail, /\.$/);
      if (remedy) assert.match(remedy.price, /\S/);
    }
  });
}

describe("findings of the network stack", () => {
  check("a quiet host has none", look(), []);
  check("nor has one of which nothing could be read", { place: "", isInit: true, seconds: 0, rises: {}, settings: {}, sockets: {} }, []);
  check("abort_on_overflow: a remark, a warning once it resets", look({ settings: { "ipv4.tcp_abort_on_overflow": 1 } }), ["info abort-on-overflow"]);
  check("and overflows", look({ settings: { "ipv4.tcp_abort_on_overflow": 1 }, rises: { TcpExtListenOverflows: 4 } }), ["warning abort-on-overflow"]);
  check("cookies for all, and wrong ones", look({ settings: { "ipv4.tcp_syncookies": 2 }, rises: { TcpExtSyncookiesFailed: 3 } }), ["info syncookies-always", "warning syncookies-failed"]);
  check("handshakes repeated", look({ rises: { TcpExtTCPSynRetrans: 30 } }), ["warning syn-retransmissions"]);
  check("a few of many are no finding", look({ rises: { TcpExtTCPSynRetrans: 6, TcpActiveOpens: 500 } }), []);
  check("memory pressure now", look({ sockets: { "TCP.mem": 31000 } }), ["error tcp-memory-pressure"]);
  check("memory pressure again and again, said once with what it cost", look({ rises: { TcpExtTCPMemoryPressures: 2, TcpExtRcvPruned: 5 } }), ["error tcp-memory-pressure"]);
  check("receive buffers full without pressure", look({ rises: { TcpExtRcvPruned: 5 } }), ["warning receive-buffer-full"]);
  check("orphans near their limit", look({ sockets: { "TCP.orphan": 7000 } }), ["warning orphans"]);
  check("orphans beyond it", look({ rises: { TcpExtTCPAbortOnMemory: 9 } }), ["error orphans"]);
  check("TIME-WAIT table", look({ sockets: { "TCP.tw": 8000 } }), ["warning time-wait-table"]);
  check("TIME-WAIT lost", look({ rises: { TcpExtTCPTimeWaitOverflow: 1 } }), ["error time-wait-table"]);
  check("local ports", look({ sockets: { "TCP.tw": 27000 }, settings: { "ipv4.tcp_max_tw_buckets": 262144 } }), ["warning time-wait-ports"]);
  check("local ports, but reuse is on", look({ sockets: { "TCP.tw": 27000 }, settings: { "ipv4.tcp_max_tw_buckets": 262144, "ipv4.tcp_tw_reuse": 1 } }), []);
  check("conntrack nearly full", look({ settings: { "netfilter.nf_conntrack_count": 60000 } }), ["warning conntrack-full"]);
  check("conntrack drops", look({ rises: { ConntrackDrop: 7 } }), ["error conntrack-full"]);
  check("INVALID packets", look({ rises: { ConntrackInvalid: 3 } }), ["warning conntrack-invalid"]);
  check("retransmissions", look({ rises: { TcpRetransSegs: 40 } }), ["warning retransmissions"]);
  check("many", look({ rises: { TcpRetransSegs: 200 } }), ["error retransmissions"]);
  check("few segments prove nothing", look({ rises: { TcpRetransSegs: 19, TcpOutSegs: 100 } }), []);
  check("what speaks for itself", look({ rises: { SoftnetDropped: 2, TcpExtIPReversePathFilter: 1, UdpRcvbufErrors: 1, TcpInCsumErrors: 1, TcpExtPAWSEstab: 1, IpOutNoRoutes: 1 } }), [
    "error cpu-backlog-drops", "warning reverse-path-filter", "warning udp-receive-buffer", "warning checksum-errors", "info old-timestamps", "info no-route",
  ]);

  it("offers a command only where it would act: in the first namespace", () => {
    const problem = (isInit: boolean) => findProblems(look({ isInit, rises: { ConntrackInvalid: 1 } }))[0];
    assert.deepEqual(problem(true)?.remedy?.argv, ["sysctl", "-w", "net.netfilter.nf_conntrack_tcp_be_liberal=1"]);
    assert.equal(problem(false)?.remedy?.argv, undefined);
    assert.equal(problem(false)?.remedy?.command, "sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=1");
  });

  it("says nothing without a fact, whatever the numbers are", () => {
    const numbers = fc.dictionary(fc.constantFrom(...Object.keys(look().rises), ...Object.keys(look().settings), ...Object.keys(look().sockets), "TcpRetransSegs", "ConntrackDrop", "TcpExtTCPAbortOnMemory"), fc.nat(100_000));
    fc.assert(fc.property(numbers, fc.nat(600), (values, seconds) => {
      const problems = findProblems({ place: " in web", isInit: false, seconds, rises: values, settings: values, sockets: values });
      assert.equal(new Set(problems.map(({ id }) => id)).size, problems.length);
      for (const { evidence, title } of problems) assert.ok(evidence.length > 0 && !/NaN|undefined|Infinity/.test(title + evidence.join()), title);
    }));
  });
});
