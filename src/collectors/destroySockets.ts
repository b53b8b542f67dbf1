/**
 * Closes sockets by SOCK_DESTROY, each by its cookie and in its own network namespace, so that nothing but what was shown to the
 * user is closed. The kernel (tcp_abort, udp_abort) resets the peer where there is one and gives ECONNABORTED to the program; it wants CAP_NET_ADMIN
 * in the user namespace of the network namespace, and CONFIG_INET_DIAG_DESTROY.
 */
import { randomInt } from "node:crypto";
import type { Endianness } from "../base/byteReader";
import { DomainError } from "../base/errors";
import { DumpReader } from "../netlink/dumpReader";
import { errnoText } from "../netlink/errnoName";
import { NETLINK_SOCK_DIAG } from "../netlink/netlinkMessage";
import type { HostFacts } from "../probes/hostFacts";
import type { PumpFrame } from "../probes/pumpFrames";
import { destroyRequest, type DestroyableSocket } from "../sockdiag/destroyRequest";
import type { Target } from "../target/target";
import { pumpsOf, runPump, type PumpKind, type PumpOptions } from "./pumpLadder";
import type { SocketRow } from "./socketModel";

export type DestroyOutcome = "closed" | "gone" | "not-permitted" | "not-supported" | "failed";

export interface DestroyResult {
  readonly socket: SocketRow;
  readonly outcome: DestroyOutcome;
  /** A sentence for a person; of `closed` too. */
  readonly text: string;
}

/** Requests of one pass: the helper takes 64 KiB of them. */
const PASS = 500;

/** Pumps that can hand a request of ours to the kernel. */
const able: readonly PumpKind[] = ["perl", "python3", "helper"];

/** Why a socket cannot be closed by itself; undefined when it can. */
export function whyNotDestroyable({ family, protocol, cookie, local, remote, interfaceIndex }: SocketRow): string | undefined {
  if (family !== "ipv4" && family !== "ipv6") return `the kernel closes no ${family} sockets on request`;
  if (protocol !== "tcp" && protocol !== "udp") return `the kernel closes no ${protocol} sockets on request`;
  if (cookie === undefined || interfaceIndex === undefined || local.port === undefined || remote.port === undefined) return "it was not read from sock_diag, so it has no cookie by which the kernel would know it";
  return undefined;
}

/** @throws DomainError `pump/none` when nothing on the host can ask the kernel, and what the target throws. */
export async function destroySockets(target: Target, facts: HostFacts, sockets: readonly SocketRow[], options: PumpOptions = {}): Promise<DestroyResult[]> {
  const results = new Map<SocketRow, DestroyResult>();
  const byNamespace = new Map<number, SocketRow[]>();
  for (const socket of sockets) {
    const why = whyNotDestroyable(socket);
    if (why !== undefined) results.set(socket, { socket, outcome: "failed", text: `Not asked for: ${why}.` });
    else byNamespace.set(socket.netns.inode, [...(byNamespace.get(socket.netns.inode) ?? []), socket]);
  }
  for (const [inode, group] of byNamespace) {
    for (let at = 0; at < group.length; at += PASS) {
      options.signal?.throwIfAborted();
      for (const result of await destroyIn(target, facts, inode, group.slice(at, at + PASS), options)) results.set(result.socket, result);
    }
  }
  return sockets.map((socket) => results.get(socket) ?? { socket, outcome: "failed", text: "The kernel gave no answer." });
}

async function destroyIn(target: Target, facts: HostFacts, inode: number, sockets: readonly SocketRow[], options: PumpOptions): Promise<DestroyResult[]> {
  const sequence = randomInt(1, 0x7fff_0000);
  const requests = sockets.map((socket, index) => ({ protocol: NETLINK_SOCK_DIAG, message: destroyRequest(facts.endianness, sequence + index, destroyable(socket)) }));
  const pumps = (options.pumps ?? pumpsOf(facts)).filter((kind) => able.includes(kind));
  if (pumps.length === 0) throw new DomainError("pump/none", "closing sockets one by one needs perl or python3 on the host (ss --kill closes by filter only)", target.name);
  const request = { requests, files: [], procFiles: [], owners: false, allNamespaces: true, ...(inode > 1 && { onlyNamespace: inode }), ssArguments: [] };
  let frames: PumpFrame[] = [];
  await runPump(target, facts, request, { ...options, pumps }, () => {
    const begun: PumpFrame[] = (frames = []);
    return (frame) => begun.push(frame);
  });
  return readAnswers(frames, sockets, facts.endianness);
}

/** Those that `whyNotDestroyable` let pass. */
function destroyable(socket: SocketRow): DestroyableSocket {
  const { family, protocol, local, remote, interfaceIndex = 0, cookie = "" } = socket;
  const port = (endpoint: SocketRow["local"]) => ({ address: endpoint.address, port: endpoint.port ?? 0 });
  return { family: family === "ipv6" ? family : "ipv4", protocol: protocol === "udp" ? protocol : "tcp", local: port(local), remote: port(remote), interfaceIndex, cookie };
}

/** What closing these does, for the question. */
export function closingEffect(sockets: readonly SocketRow[]): string {
  const udp = sockets.some(({ protocol }) => protocol === "udp");
  return `Peers are reset, and the programs see “connection aborted”.${udp ? " UDP sockets lose their peer, and keep a port that their program bound." : ""}`;
}

export function readAnswers(frames: readonly PumpFrame[], sockets: readonly SocketRow[], endianness: Endianness): DestroyResult[] {
  const entered = frames.some(({ kind }) => kind === "netns") && !frames.some(({ kind, a }) => kind === "fail" && a === -1);
  return sockets.map((socket, index) => {
    if (!entered) return { socket, outcome: "gone", text: "Its network namespace is gone, or could not be entered." };
    const failure = frames.find(({ kind, a }) => kind === "fail" && a === index);
    if (failure) return resultOf(socket, failure.b);
    const dump = new DumpReader(endianness, "answer", () => undefined);
    for (const { kind, a, payload } of frames) if (kind === "reply" && a === index) dump.push(payload);
    return dump.outcome.complete ? resultOf(socket, dump.outcome.errno ?? 0) : { socket, outcome: "failed", text: "The kernel gave no answer." };
  });
}

/** “2 sockets closed, 1 was gone already, 3 could not be closed.” Closing one end of a connection on the host takes the other with it. */
export function destroySummary(results: readonly DestroyResult[]): string {
  const count = (...outcomes: readonly DestroyOutcome[]): number => results.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const [closed, gone, left] = [count("closed"), count("gone"), count("not-permitted", "not-supported", "failed")];
  const parts = [`${closed} ${closed === 1 ? "socket" : "sockets"} closed`, ...(gone > 0 ? [`${gone} gone already`] : []), ...(left > 0 ? [`${left} could not be closed`] : [])];
  return `${parts.join(", ")}.`;
}

function resultOf(socket: SocketRow, errno: number): DestroyResult {
  switch (errno) {
    case 0: return { socket, outcome: "closed", text: socket.protocol === "udp" ? "Disconnected; a port that its program bound stays its own." : "Closed." };
    case 2: return { socket, outcome: "gone", text: `Not there any more${socket.state === "LISTEN" ? ", or one of several listeners on this port, which the kernel cannot look up one by one" : ""}.` };
    case 1:
    case 13: return { socket, outcome: "not-permitted", text: "Not permitted: it needs CAP_NET_ADMIN in that network namespace." };
    case 95: return { socket, outcome: "not-supported", text: "Not supported: the kernel was built without CONFIG_INET_DIAG_DESTROY, or cannot abort this kind of socket." };
    default: return { socket, outcome: "failed", text: `The kernel refused: ${errnoText(errno)}.` };
  }
}
