import { buildId } from "../../../src/base/brands";
import type { TraceGroup } from "../../../src/collectors/traces/traceModel";
import type { Listener, SocketRow } from "../../../src/collectors/socketModel";
import type { HostFacts } from "../../../src/probes/hostFacts";
import type { Row } from "../../../src/vscode/views/row";

export const initNetns = { inode: 4026531840, name: "init", isInit: true };

export const facts: HostFacts = {
  release: "6.1.0-28-cloud-amd64", version: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1", machine: "x86_64", endianness: "little", wordSize: 8,
  os: { name: "Debian GNU/Linux 12 (bookworm)", id: "debian", versionId: "12" }, buildId: buildId("0123456789abcdef0123456789abcdef01234567"),
  bootId: "b", uid: 0, user: "root", programs: {},
};

export const listener = (more: Partial<Listener> = {}): Listener => ({
  netns: initNetns, family: "ipv4", protocol: "tcp", local: { address: "0.0.0.0", port: 8080 },
  acceptQueue: { length: 129, limit: 128 }, synQueue: { length: 40, limit: 128 }, drops: 112, uid: 33, inode: 5001,
  processes: [{ pid: 812, name: "nginx", fd: 6 }], handshakes: [], shared: false,
  verdict: { health: "full", kind: "accept-queue-full", evidence: [], text: "The accept queue is full: 129 of 129.", limitedBy: "backlog" },
  ...more,
});

export const socketRow = (more: Partial<SocketRow> = {}): SocketRow => ({
  netns: initNetns, family: "ipv4", protocol: "tcp", state: "ESTAB", local: { address: "10.0.0.1", port: 443 }, remote: { address: "10.0.0.2", port: 51034 },
  recvQ: 0, sendQ: 12, processes: [], info: { rtt: 1500, snd_cwnd: 10, total_retrans: 2 }, ...more,
});

export const resetGroup = (more: Partial<TraceGroup> = {}): TraceGroup => ({
  key: "g1", count: 12, firstSeen: 1000, lastSeen: 2000,
  event: {
    type: "reset", kind: "passive", family: "ipv4", process: { pid: 0, name: "swapper/0", isOwner: false }, stack: [],
    packet: { source: { address: "10.0.0.9", port: 51034 }, destination: { address: "10.0.0.5", port: 8081 }, flags: ["SYN"], seq: 7, ack: 0 },
  },
  explanation: {
    cause: { id: "no-listener", title: "Nothing listens on this port", detail: "A SYN came for a closed port.", confidence: "certain" },
    alternatives: [], evidence: ["the packet is a SYN", "no socket was found"], citation: "tcp_v4_rcv, no_tcp_socket",
  },
  stack: [
    { input: "tcp_v4_send_reset+0x1/0x4a0", symbol: "tcp_v4_send_reset", offset: 1, size: 0x4a0, status: "ok", lookup: "exact", frames: [{ function: "tcp_v4_send_reset", source: { file: "net/ipv4/tcp_ipv4.c", line: 703 }, inlined: false }] },
    {
      input: "ip_local_deliver_finish+0x5f/0x80", symbol: "ip_local_deliver_finish", offset: 0x5f, size: 0x80, status: "ok", lookup: "caller",
      frames: [{ function: "rcu_read_unlock", source: { file: "include/linux/rcupdate.h", line: 779 }, inlined: true }, { function: "ip_local_deliver_finish", source: { file: "net/ipv4/ip_input.c", line: 233 }, inlined: false }],
    },
    { input: "veth_poll+0x10/0x20 [veth]", symbol: "veth_poll", offset: 0x10, size: 0x20, module: "veth", status: "no-debuginfo", lookup: "caller", frames: [], message: "no debuginfo for module veth" },
  ],
  ...more,
});

/** Rows as an indented outline, as a person sees them. */
export const outline = (rows: readonly Row[], depth = 0): string[] =>
  rows.flatMap((row) => [`${"  ".repeat(depth)}${row.label}${row.description === undefined ? "" : ` | ${row.description}`}`, ...outline(row.children ?? [], depth + 1)]);

export const everyRow = (rows: readonly Row[]): Row[] => rows.flatMap((row) => [row, ...everyRow(row.children ?? [])]);

/** A listener of a host that does not tell drops. */
export function listenerWithoutDrops(more: Partial<Listener> = {}): Listener {
  const copy: Record<string, unknown> = { ...listener(more) };
  delete copy["drops"];
  return copy as unknown as Listener;
}
