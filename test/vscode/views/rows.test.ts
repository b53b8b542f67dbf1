import assert from "node:assert/strict";
import { DomainError } from "../../../src/base/errors";
import type { ListenersSnapshot } from "../../../src/collectors/socketModel";
import { DropBaseline } from "../../../src/vscode/listeners/dropBaseline";
import { TraceRegistry } from "../../../src/vscode/traces/traceRegistry";
import { explainGroup, explainListener } from "../../../src/vscode/views/explanations";
import { listenerKey } from "../../../src/collectors/listenerKey";
import { findingRows, problemCount } from "../../../src/vscode/views/findingRows";
import { totalsOf } from "../../../src/stacks/callgraph/callTotals";
import { graphRows } from "../../../src/vscode/views/graphRows";
import { hostRows } from "../../../src/vscode/views/hostRows";
import { listenerRows, listenerSummary } from "../../../src/vscode/views/listenerRows";
import { rowText } from "../../../src/vscode/views/row";
import { traceRows } from "../../../src/vscode/views/traceRows";
import { traceWith } from "../support/traceWith";
import { hostWith } from "../support/hostWith";
import { everyRow, facts, initNetns, listener, listenerWithoutDrops, outline, resetGroup } from "../support/samples";

const uniqueIds = (rows: Parameters<typeof everyRow>[0]): void => {
  const ids = everyRow(rows).map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
};

describe("listener rows", () => {
  const snapshot: ListenersSnapshot = {
    takenAt: 0, source: "sock_diag", findings: [], notes: ["processes of other users are not visible"],
    namespaces: [{ netns: initNetns, limits: { somaxconn: 4096 }, counters: {}, interfaces: [] }],
    listeners: [
      listener({ inode: 1, local: { address: "::", port: 22 }, drops: 0, acceptQueue: { length: 0, limit: 128 }, synQueue: { length: 0 }, processes: [], verdict: { health: "ok", kind: "ok", evidence: [], text: "Nothing waits." } }),
      listener({ handshakes: [{ remote: { address: "10.0.0.9", port: 40000 } }] }),
    ],
  };
  const baseline = new DropBaseline();
  baseline.observe([listener({ inode: 1, drops: 0 }), listener({ drops: 100 })]);
  const rows = listenerRows([{ name: "lab", snapshot, baseline, problems: [], refreshing: false }]);

  it("show host, namespace and listeners, the worst first, with all their numbers", () => {
    assert.deepEqual(outline(rows).slice(1), [
      "  host namespace | net:[4026531840] · somaxconn 4096",
      "    0.0.0.0:8080 nginx[812] | accept 129/129 full · SYN 40 · drops +12",
      "      The accept queue is full: 129 of 129.",
      "      accept queue | 129 waiting · limit 128, set by the program's listen() backlog",
      "      SYN queue | 40 in handshake · limit 128",
      "        10.0.0.9:40000 | SYN-RECV",
      "      drops | +12 since connect · 112 in all",
      "      nginx[812] | fd 6",
      "      socket | uid 33 · inode 5001",
      "    [::]:22 | accept 0/129",
      "      Nothing waits.",
      "      accept queue | 0 waiting · limit 128",
      "      SYN queue | 0 in handshake · limit ?",
      "      drops | +0 since connect · 0 in all",
      "      process | ? (not found, or not visible to this user)",
      "      socket | uid 33 · inode 1",
      "    limits | somaxconn 4096 · tcp_max_syn_backlog ? · tcp_syncookies ? · tcp_abort_on_overflow ?",
      "      net.core.somaxconn | 4096 · upper bound of a backlog at the time of listen()",
      "      net.ipv4.tcp_max_syn_backlog | ? · bounds the handshakes in flight when SYN cookies are off",
      "      net.ipv4.tcp_syncookies | ? · 0: never, 1: when a SYN queue is full, 2: always",
      "      net.ipv4.tcp_abort_on_overflow | ? · 1: a handshake that finds the accept queue full is reset instead of ignored",
      "  processes of other users are not visible",
    ]);
    uniqueIds(rows);
  });
  it("show what the namespace counted since the last look, with rates, and quiet unix sockets apart", () => {
    const unix = listener({ family: "unix", protocol: "unix", local: { address: "/run/x.sock" }, inode: 7, acceptQueue: { length: 0, limit: 10 }, synQueue: {}, verdict: { health: "ok", kind: "ok", evidence: [], text: "Nothing waits." } });
    const change = { seconds: 5, deltas: { TcpExtListenOverflows: 12, TcpExtListenDrops: 12, TcpPassiveOpens: 100, IpInReceives: 9 } };
    const looked = { ...snapshot, listeners: [...snapshot.listeners, unix], namespaces: [{ netns: initNetns, limits: {}, counters: {}, change, interfaces: [] }] };
    const lines = outline(listenerRows([{ name: "lab", snapshot: looked, baseline, problems: [], refreshing: false }]));
    assert.deepEqual(lines.filter((line) => /counters|Listen(Overflows|Drops) \||UNIX|x\.sock/.test(line)), [
      "    UNIX sockets | 1 listener",
      "      /run/x.sock nginx[812] | unix · accept 0/11",
      "    counters | since the last look, 5 s ago: ListenOverflows +12 · ListenDrops +12",
      "      TcpExtListenOverflows | +12 · 2.4/s · SYNs and last ACKs of handshakes that found an accept queue full",
      "      TcpExtListenDrops | +12 · 2.4/s · connection attempts that listeners dropped, for whatever reason (overflows included)",
    ]);
  });
  it("show unknown numbers as unknown, never as 0", () => {
    const unknown = listenerWithoutDrops({ acceptQueue: {}, synQueue: {}, verdict: { health: "unknown", kind: "unknown", evidence: [], text: "" } });
    assert.equal(listenerSummary(unknown, undefined), "accept ?/? · SYN ? · drops ?");
  });
  it("keep the old numbers beside a failure", () => {
    const [row] = listenerRows([{ name: "lab", snapshot, baseline, problems: [], refreshing: false, error: new DomainError("target/timeout", "no answer in 30 s", "lab") }]);
    assert.deepEqual(outline(row?.children ?? []).slice(0, 2), ["Could not read the listeners | lab: no answer in 30 s", "host namespace | net:[4026531840] · somaxconn 4096"]);
  });
  it("are copied as text", () => assert.match(rowText(rows[0]!), /^lab {2}.*\n {2}host namespace/));
  it("say a listener's health aloud", () => assert.match(everyRow(rows).find(({ context }) => context === "listener")?.spoken ?? "", /full/));
});

describe("host rows", () => {
  const { host } = hostWith("lab");
  it("show what is known of each state", () => {
    const rows = hostRows([
      { name: "local", state: { kind: "disconnected" }, check: { running: false } },
      { name: "web", state: { kind: "failed", error: new DomainError("ssh/refused", "connection refused", "web:22"), lost: false }, check: { running: false } },
      {
        name: "lab", state: { kind: "connected", host, facts }, check: {
          running: false,
          capabilities: [
            { id: "root", title: "Root", ok: true },
            { id: "tcp-diag", title: "Listen queues", ok: false, reason: "tcp_diag is not loaded", remedy: { title: "Load module tcp_diag", command: "modprobe tcp_diag", argv: ["modprobe", "tcp_diag"], changesHost: true } },
          ],
          debuginfo: { state: "not-found", message: "install linux-image-6.1.0-28-cloud-amd64-dbg" },
        },
      },
    ], "lab");
    assert.deepEqual(outline(rows), [
      "local | this machine",
      "web | could not connect",
      "  web:22: connection refused",
      "  Check that sshd runs there and that the port is right (Port in ~/.ssh/config, or user@host:port).",
      "lab | 6.1.0-28-cloud-amd64 · debuginfo not found",
      "  kernel | 6.1.0-28-cloud-amd64 x86_64 · Debian GNU/Linux 12 (bookworm)",
      "  debuginfo | not found: install linux-image-6.1.0-28-cloud-amd64-dbg",
      "  Root",
      "  Listen queues | tcp_diag is not loaded",
      "    Load module tcp_diag | modprobe tcp_diag",
    ]);
    assert.deepEqual(rows.map(({ context }) => context), ["host.disconnected.local", "host.disconnected", "host.connected"]);
    assert.equal(everyRow(rows).at(-1)?.context, "remedy.runnable");
    uniqueIds(rows);
  });
});

describe("trace rows", () => {
  it("show groups with cause, endpoints, evidence and the stack with inlined functions", () => {
    const traces = new TraceRegistry();
    traces.add("lab", facts, traceWith([resetGroup()], { events: 12, lost: 2 }).trace);
    const rows = traceRows(traces.list(), () => 3);
    assert.deepEqual(outline(rows).filter((line) => !line.includes(" seen |")), [
      "TCP resets on lab | running · 12 events · 2 lost · 3.0/s",
      "  12× Nothing listens on this port | 10.0.0.5:8081 → 10.0.0.9:51034",
      "    A SYN came for a closed port.",
      "      the packet is a SYN",
      "      no socket was found",
      "      certain (no-listener)",
      "      decided in tcp_v4_rcv, no_tcp_socket",
      "    answers | SYN from 10.0.0.9:51034 · seq 7 ack 0",
      "    on the CPU | swapper/0[0] (interrupted, not the owner)",
      "    kernel stack | 3 frames · 2 with a line",
      "      tcp_v4_send_reset | net/ipv4/tcp_ipv4.c:703 · +0x1",
      "      rcu_read_unlock | include/linux/rcupdate.h:779 · inlined",
      "      ip_local_deliver_finish | net/ipv4/ip_input.c:233 · +0x5f",
      "      veth_poll+0x10/0x20 [veth] | no debuginfo for module veth",
    ]);
    uniqueIds(rows);
    const frame = everyRow(rows).find(({ label }) => label === "ip_local_deliver_finish");
    assert.deepEqual(frame?.action, { kind: "open-source", host: "lab", place: { file: "net/ipv4/ip_input.c", line: 233 } });
  });
  it("say why a trace failed and what to do", async () => {
    const traces = new TraceRegistry();
    const { trace, fail } = traceWith([], {});
    const entry = traces.add("lab", facts, trace);
    fail(new DomainError("target/link-lost", "the link to lab was cut", "lab"));
    await new Promise((resolve) => traces.onFailed(resolve));
    assert.equal(traces.get(entry.id), entry);
    assert.deepEqual(outline(traceRows(traces.list(), () => 0)).slice(0, 3), [
      "TCP resets on lab | failed · 0 events",
      "  lab: the link to lab was cut",
      "  Nothing of ours stays on the host: its supervisor ends what was running. Connect again.",
    ]);
  });
});

describe("finding rows", () => {
  const finding = (severity: "info" | "warning" | "error", title: string) => ({ host: "lab", finding: { id: title, severity, title, detail: "D.", evidence: ["E."] } });
  it("come worst first, and the badge counts problems only", () => {
    const findings = [finding("info", "i"), finding("error", "e"), finding("warning", "w")];
    assert.deepEqual(findingRows(findings).map(({ label }) => label), ["e", "w", "i"]);
    assert.equal(problemCount(findings), 2);
    uniqueIds(findingRows(findings));
  });
  it("lead to the listener that they are about", () => {
    const about = { host: "lab", finding: { ...finding("error", "e").finding, listener: listenerKey(listener()), remedy: { title: "R", argv: ["true"] as const, changesHost: false } } };
    const [row] = findingRows([about]);
    assert.equal(row?.context, "finding.remedy.listener");
    assert.deepEqual(row.children?.filter(({ action }) => action?.kind === "show-listener").map(({ label }) => label), ["Go to the listener"]);
  });
});

describe("explanations", () => {
  it("give the numbers of the listener", () => assert.match(explainListener(listener(), 12), /129 waiting, limit 128.*\+12 since connect/s));
  it("give cause, evidence and place", () => assert.match(explainGroup(resetGroup()), /^# Nothing listens[^]*no-listener[^]*the packet is a SYN[^]*no\\_tcp\\_socket/));
  it("let no text of the host become Markdown", () => {
    const evil = listener({ processes: [{ pid: 1, name: "[x](command:evil)<b>", fd: 1 }] });
    assert.doesNotMatch(explainListener(evil, 0), /\]\(command|<b>/);
  });
});

describe("rows of a call graph", () => {
  const slowest = { symbol: "tcp_v4_rcv", durationNs: 9000, calls: [{ symbol: "interrupt", isInterrupt: true as const, durationNs: 1000, calls: [] }, { symbol: "tcp_ack", durationNs: 3000, returned: "0x1", calls: [] }, { symbol: "tcp_ack", durationNs: 2000, calls: [] }] };
  const place = { file: "net/ipv4/tcp_input.c", line: 3965 };
  const stack = [{ input: "tcp_ack+0x0", symbol: "tcp_ack", status: "ok" as const, lookup: "exact" as const, frames: [{ function: "tcp_ack", source: place, inlined: false }] }];
  const rows = graphRows("id", "lab", { type: "callgraph", name: "tcp_v4_rcv", totals: totalsOf(slowest), slowest, leftOut: 0, stack: [] }, stack);

  it("sum up, keep the longest call in order, and open the source", () => {
    assert.deepEqual(outline(rows), [
      "tcp_v4_rcv | 1× · 9.00 µs · 3.00 µs itself",
      "  tcp_ack | 2× · 5.00 µs · 2.50 µs each · = 0x1 · net/ipv4/tcp_input.c:3965",
      "  interrupt | 1× · 1.00 µs",
      "longest call, in order | 9.00 µs",
      "  tcp_v4_rcv | 9.00 µs",
      "    interrupt | 1.00 µs",
      "    tcp_ack | 3.00 µs · = 0x1 · net/ipv4/tcp_input.c:3965",
      "    tcp_ack | 2.00 µs · net/ipv4/tcp_input.c:3965",
      "functions by their own time | 2 functions",
      "  tcp_ack | 5.00 µs itself · 5.00 µs with what it called · 2× · net/ipv4/tcp_input.c:3965",
      "  tcp_v4_rcv | 3.00 µs itself · 9.00 µs with what it called · 1×",
    ]);
    uniqueIds(rows);
    assert.deepEqual(everyRow(rows).find(({ label }) => label === "tcp_ack")?.action, { kind: "open-source", host: "lab", place });
  });
});
