import assert from "node:assert/strict";
import { compareListeners } from "../../src/collectors/compareListeners";
import { listenerFindings, listenerName } from "../../src/collectors/listenerFindings";
import { judgeListener, judgeUnixListener, limitText, synQueueLimit } from "../../src/collectors/listenerVerdict";
import type { Listener, ListenersSnapshot, NetworkNamespace, QueueLimits } from "../../src/collectors/socketModel";

const limits: QueueLimits = { somaxconn: 4096, tcpMaxSynBacklog: 256, tcpSyncookies: 1, tcpAbortOnOverflow: 0 };
const init: NetworkNamespace = { inode: 1, name: "init", isInit: true };
const blue: NetworkNamespace = { inode: 2, name: "blue", isInit: false };

interface Numbers {
  readonly length?: number;
  readonly limit?: number;
  readonly syn?: number;
  readonly drops?: number;
  readonly port?: number;
  readonly netns?: NetworkNamespace;
  readonly cookie?: string;
}

function listener({ length = 0, limit, syn = 0, drops, port = 80, netns = init, cookie = "a" }: Numbers, sysctls = limits): Listener {
  const acceptQueue = { length, ...(limit !== undefined && { limit }) };
  const synLimit = synQueueLimit(limit, sysctls);
  const synQueue = { length: syn, ...(synLimit !== undefined && { limit: synLimit }) };
  const known = { acceptQueue, synQueue, shared: false, ...(drops !== undefined && { drops }) };
  return {
    ...known, netns, family: "ipv4", protocol: "tcp", local: { address: "0.0.0.0", port }, cookie, processes: [{ pid: 812, name: "nginx", fd: 6 }], handshakes: [], verdict: judgeListener(known, sysctls),
  };
}

const snapshot = (takenAt: number, listeners: readonly Listener[], counters: Record<string, number> = {}, sysctls = limits, netns = init): ListenersSnapshot => ({
  takenAt, listeners, namespaces: [{ netns, limits: sysctls, counters, interfaces: [] }], source: "sock_diag", findings: listenerFindings(listeners), notes: [],
});

const verdict = (numbers: Numbers, sysctls = limits): string => {
  const { health, limitedBy, text } = listener(numbers, sysctls).verdict;
  return `${health} ${limitedBy ?? "-"}: ${text}`;
};

describe("the verdict on a listener", () => {
  it("is full only beyond the limit: one more than it fits", () => {
    assert.match(verdict({ length: 128, limit: 128 }), /^warning backlog: Accept queue nearly full: 128 connections wait to be accepted, 129 fit, the backlog given to listen\(\)\.$/);
    assert.match(verdict({ length: 129, limit: 128 }), /^full backlog: Accept queue full: 129 connections wait to be accepted, no more than 129 fit/);
    assert.match(verdict({ length: 1, limit: 0 }), /^full /);
  });

  it("is never full while the limit is unknown", () => {
    assert.equal(verdict({ length: 129 }), "unknown -: 129 connections wait to be accepted; how many fit is not known from this source.");
  });

  it("names somaxconn where that capped the backlog", () => {
    assert.match(verdict({ length: 4097, limit: 4096 }), /^full somaxconn: .*capped by somaxconn 4096/);
    assert.match(verdict({ limit: 10 }), /^ok backlog: Nothing waits to be accepted, 11 fit\.$/);
    assert.match(verdict({ limit: 10 }, {}), /^ok -: /);
  });

  it("tells what happens to clients, by tcp_abort_on_overflow", () => {
    assert.match(verdict({ length: 2, limit: 1 }, { ...limits, tcpAbortOnOverflow: 1 }), /answered by a reset/);
    assert.match(verdict({ length: 2, limit: 1 }), /completed handshakes ignored/);
  });

  it("sees a full SYN queue, whose limit is the backlog, or less without cookies", () => {
    assert.match(verdict({ limit: 4, syn: 5 }), /^full backlog: SYN queue full: 5 handshakes in flight, limit 4; further SYNs are answered with cookies\.$/);
    assert.equal(synQueueLimit(512, { ...limits, tcpSyncookies: 0 }), 192);
    assert.equal(synQueueLimit(512, limits), 512);
    assert.match(verdict({ limit: 512, syn: 193 }, { ...limits, tcpSyncookies: 0 }), /^full .*cookies are off/);
  });

  it("tells slow accept, a short queue, a flood and cookies apart, by what the namespace counted", () => {
    const kind = (numbers: Partial<Parameters<typeof judgeListener>[0]>, deltas: Record<string, number>) => {
      const whole = { acceptQueue: { length: 0, limit: 4 }, synQueue: { length: 0, limit: 4 }, shared: false, drops: 9, dropsSince: 3, ...numbers };
      return judgeListener(whole, limits, { seconds: 2, deltas }).kind;
    };
    assert.equal(kind({ acceptQueue: { length: 5, limit: 4 } }, { TcpExtListenOverflows: 3 }), "overflowing");
    assert.equal(kind({ acceptQueue: { length: 5, limit: 4 }, dropsSince: 0 }, {}), "accept-queue-full");
    assert.equal(kind({}, { TcpExtListenOverflows: 3 }), "overflowed");
    assert.equal(kind({}, { TcpExtTCPReqQFullDrop: 3 }), "syn-queue-full");
    assert.equal(kind({}, { TcpExtTCPReqQFullDoCookies: 3 }), "cookies");
    assert.equal(kind({}, {}), "dropped");
    assert.equal(kind({ synQueue: { length: 5, limit: 4 } }, {}), "syn-queue-full");
    assert.equal(kind({ acceptQueue: { length: 4, limit: 4 }, dropsSince: 0 }, {}), "filling");
  });

  it("goes by what stands in its own queues where both kinds of queue overflowed in its namespace", () => {
    const deltas = { TcpExtListenOverflows: 30, TcpExtTCPReqQFullDrop: 40 };
    const kind = (waiting: number, handshakes: number): string =>
      judgeListener({ acceptQueue: { length: waiting, limit: 8 }, synQueue: { length: handshakes, limit: 8 }, shared: false, drops: 9, dropsSince: 3 }, limits, { seconds: 2, deltas }).kind;
    assert.deepEqual([kind(2, 0), kind(0, 5), kind(0, 0), kind(3, 3)], ["overflowed", "syn-queue-full", "dropped", "dropped"]);
  });

  it("tells a flood from lost answers by who does not answer", () => {
    const text = (addresses: readonly string[], retransmits: number): string =>
      judgeListener({ acceptQueue: { length: 0, limit: 2 }, synQueue: { length: 3, limit: 2 }, shared: false, handshakes: addresses.map((address) => ({ remote: { address, port: 1 }, retransmits })) }, limits).text;
    assert.match(text(["198.51.100.1", "198.51.100.2", "198.51.100.3"], 1), /3 handshakes in flight from 3 addresses, limit 2;.* a SYN flood from forged addresses/);
    assert.match(text(["10.0.0.1", "10.0.0.1", "10.0.0.1"], 2), /3 handshakes in flight from one address, .* last ACKs get lost, or these hosts flood/);
    assert.match(text(["198.51.100.1", "198.51.100.2", "198.51.100.3"], 0), /answered with cookies\.$/);
  });

  it("rests on evidence, with rates, and says what cannot be split", () => {
    const numbers = { acceptQueue: { length: 5, limit: 4096 }, synQueue: { length: 2, limit: 4096 }, shared: true, drops: 9, dropsSince: 3 };
    assert.deepEqual(judgeListener(numbers, limits, { seconds: 2, deltas: { TcpExtListenOverflows: 3, TcpExtListenDrops: 3 } }).evidence, [
      "Accept queue: 5 waiting, 4097 fit.",
      "Limit 4096, set by net.core.somaxconn: the program asked for as much or more. A greater somaxconn counts only after it has called listen() again.",
      "SYN queue: 2 handshakes, limit 4096; several listeners share the port (SO_REUSEPORT), and the kernel does not tell which of them has which.",
      "It dropped 3 since the last look (1.5/s).",
      "TcpExtListenOverflows +3 in its namespace (1.5/s).",
    ]);
  });

  it("says where a limit comes from", () => {
    assert.match(limitText({ limit: 128 }, limits), /own backlog: net\.core\.somaxconn would allow 4096/);
    assert.match(limitText({ limit: 8192 }, limits), /was greater when the program called listen/);
    assert.match(limitText({ limit: 5 }, {}), /the smaller of/);
    assert.match(limitText({}, limits), /not known/);
  });

  it("of a unix socket tells what happens to those who connect", () => {
    assert.match(judgeUnixListener({ length: 6, limit: 5 }, limits).text, /no more than 6 fit .* EAGAIN/);
    assert.equal(judgeUnixListener({ length: 0, limit: 5 }, limits).health, "ok");
    assert.equal(judgeUnixListener({}, limits).health, "unknown");
  });

  it("remembers drops of the past without calling them a problem of now", () => {
    assert.equal(verdict({ limit: 10, drops: 3 }), "ok backlog: Nothing waits to be accepted, 11 fit. Dropped 3 since it began to listen.");
  });
});

describe("two looks at listeners", () => {
  it("date the overflow, and blame the listener that dropped", () => {
    const before = snapshot(1_000, [listener({ limit: 2, drops: 3 }), listener({ limit: 5, drops: 0, port: 81, cookie: "b" })], { TcpExtListenOverflows: 100, TcpExtListenDrops: 100 });
    const after = snapshot(31_000, [listener({ length: 3, limit: 2, drops: 15 }), listener({ limit: 5, drops: 0, port: 81, cookie: "b" })], { TcpExtListenOverflows: 112, TcpExtListenDrops: 112 });
    const { snapshot: compared, seconds, namespaces } = compareListeners(before, after);
    assert.equal(seconds, 30);
    assert.deepEqual(namespaces[0]?.deltas, { TcpExtListenOverflows: 12, TcpExtListenDrops: 12 });
    assert.deepEqual(compared.listeners.map(({ dropsSince }) => dropsSince), [12, 0]);
    assert.deepEqual(compared.findings.map(({ id, title }) => [id, title]), [["accept-queue-overflow", "The accept queue of 0.0.0.0:80 nginx[812] overflowed 12 times in 30 s (0.4/s)"]]);
    assert.ok(compared.findings[0]?.evidence.includes("TcpExtListenOverflows +12 (0.4/s)."));
  });

  it("warn of a listener that dropped in between but has room again", () => {
    const { snapshot: compared } = compareListeners(snapshot(0, [listener({ limit: 2, drops: 0 })], { TcpExtListenOverflows: 0 }), snapshot(2_000, [listener({ limit: 2, drops: 1 })], { TcpExtListenOverflows: 1 }));
    assert.equal(compared.listeners[0]?.verdict.health, "warning");
    assert.match(compared.listeners[0].verdict.text, /^Did overflow or drop: 1 since the last look/);
  });

  it("tell a SYN flood with cookies from one without", () => {
    const before = { TcpExtTCPReqQFullDoCookies: 0, TcpExtTCPReqQFullDrop: 0, TcpExtListenDrops: 0, TcpExtSyncookiesRecv: 0 };
    const cookies = compareListeners(snapshot(0, [listener({ limit: 4 })], before), snapshot(10_000, [listener({ limit: 4, syn: 5 })], { ...before, TcpExtTCPReqQFullDoCookies: 45 }));
    const [flood] = cookies.snapshot.findings;
    assert.deepEqual([flood?.id, flood?.severity], ["syn-flood", "warning"]);
    assert.match(flood?.detail ?? "", /None of the cookies came back/);
    const without = { ...limits, tcpSyncookies: 0 };
    const drops = compareListeners(snapshot(0, [listener({ limit: 4, drops: 0 })], before, without), snapshot(10_000, [listener({ limit: 4, syn: 5, drops: 45 })], { ...before, TcpExtTCPReqQFullDrop: 45, TcpExtListenDrops: 45 }, without));
    const [dropped] = drops.snapshot.findings;
    assert.deepEqual([dropped?.severity, dropped?.title], ["error", "The SYN queue of 0.0.0.0:80 nginx[812] was full 45 times in 10 s (4.5/s), SYNs were dropped"]);
    assert.deepEqual(dropped?.remedy?.argv, ["sysctl", "-w", "net.ipv4.tcp_syncookies=1"]);
  });

  it("give each queue's counter to the listener whose queue it was", () => {
    const counters = { TcpExtListenOverflows: 0, TcpExtTCPReqQFullDrop: 0 };
    const without = { ...limits, tcpSyncookies: 0 };
    const [slow, flooded] = [(drops: number) => listener({ length: 3, limit: 2, drops }, without), (drops: number) => listener({ limit: 8, syn: 9, drops, port: 81, cookie: "b" }, without)];
    const { snapshot: compared } = compareListeners(snapshot(0, [slow(0), flooded(0)], counters, without), snapshot(10_000, [slow(5), flooded(50)], { TcpExtListenOverflows: 5, TcpExtTCPReqQFullDrop: 50 }, without));
    assert.deepEqual(compared.findings.map(({ title }) => title), [
      "The SYN queue of 0.0.0.0:81 nginx[812] was full 50 times in 10 s (5.0/s), SYNs were dropped",
      "The accept queue of 0.0.0.0:80 nginx[812] overflowed 5 times in 10 s (0.5/s)",
    ]);
  });

  it("advise a greater somaxconn only where it is the cap, and not for another namespace by a plain sysctl", () => {
    const capped = { ...limits, somaxconn: 7 };
    const compare = (netns: NetworkNamespace) =>
      compareListeners(snapshot(0, [listener({ limit: 7, drops: 0, netns })], { TcpExtListenOverflows: 0 }, capped, netns), snapshot(1_000, [listener({ length: 8, limit: 7, drops: 2, netns }, capped)], { TcpExtListenOverflows: 2 }, capped, netns));
    assert.deepEqual(compare(init).snapshot.findings[0]?.remedy?.argv, ["sysctl", "-w", "net.core.somaxconn=4096"]);
    const [other] = compare(blue).snapshot.findings;
    assert.equal(other?.remedy, undefined);
    assert.match(other?.title ?? "", /in blue/);
  });

  it("do not mistake a restarted listener for the old one", () => {
    const { snapshot: compared } = compareListeners(snapshot(0, [listener({ limit: 2, drops: 50, cookie: "old" })]), snapshot(1_000, [listener({ limit: 2, drops: 2, cookie: "new" })]));
    assert.equal(compared.listeners[0]?.dropsSince, 2);
  });

  it("claim nothing about a namespace that was not seen before, nor about unknown drops", () => {
    const fresh = compareListeners(snapshot(0, []), snapshot(1_000, [listener({ limit: 2, drops: 9, netns: blue })], { TcpExtListenOverflows: 9 }, limits, blue));
    assert.deepEqual([fresh.snapshot.listeners[0]?.dropsSince, fresh.snapshot.findings], [undefined, []]);
    const unknown = compareListeners(snapshot(0, [listener({ length: 0 })]), snapshot(1_000, [listener({ length: 9 })]));
    assert.equal(unknown.snapshot.listeners[0]?.dropsSince, undefined);
  });
});

describe("findings of one look", () => {
  it("are the full queues, by name", () => {
    const found = listenerFindings([listener({ length: 3, limit: 2 }), listener({ length: 1, limit: 2 }), listener({ limit: 4, syn: 5, netns: blue })]);
    assert.deepEqual(found.map(({ id, title }) => [id, title]), [
      ["accept-queue-full", "Accept queue of 0.0.0.0:80 nginx[812] is full"],
      ["syn-queue-full", "SYN queue of 0.0.0.0:80 nginx[812] in blue is full"],
    ]);
    assert.equal(listenerName({ ...listener({}), family: "ipv6", local: { address: "::", port: 22 }, processes: [] }), "[::]:22");
  });
});
