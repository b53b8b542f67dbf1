/** All listeners of a host with their queues, in all its network namespaces. */
import type { HostFacts } from "../probes/hostFacts";
import { inetSocketAt, type InetSocket } from "../sockdiag/inetDiagMessage";
import { inetExtension } from "../sockdiag/inetDiagRequest";
import { addressFamily } from "../sockdiag/protocols";
import { stateMask, tcpStateNumbers } from "../sockdiag/tcpState";
import type { Target } from "../target/target";
import type { Finding } from "./capability";
import { judgeListener, judgeUnixListener, synQueueLimit } from "./listenerVerdict";
import { listenerFindings } from "./listenerFindings";
import { namespaceFiles, readCounters, readQueueLimits } from "./namespaceFiles";
import type { PumpOptions } from "./pumpLadder";
import type { NamespaceDump } from "./hostDump";
import { collectSockets, type SocketCollection } from "./socketCollection";
import type { Listener, ListenersSnapshot, QueueLimits, SocketRow } from "./socketModel";
import { interfaceOf } from "./socketRow";
import { ownersOf, type SocketOwners } from "./socketOwners";
import type { SocketPlan } from "./socketPlan";
import type { SocketTable } from "./socketTable";
import { countHandshakes, type ListenerQueue } from "./synQueue";
import { refusedFinding } from "./refusedFinding";

/** Only these states are asked of the kernel: a host with many connections costs no more than one with few. */
const plan: SocketPlan = { protocols: ["tcp", "unix"], filter: { states: stateMask("listening", "syn-recv"), notes: [] }, extensions: inetExtension.skMemory };

export interface ListenersOptions extends PumpOptions {
  /** Which process holds which listener. Default true. */
  readonly owners?: boolean;
}

/** @throws DomainError `pump/none` when the host gives no sockets at all, or what the target throws. */
export async function takeListeners(target: Target, facts: HostFacts, options: ListenersOptions = {}): Promise<ListenersSnapshot> {
  const collection = await collectSockets(target, facts, plan, { ...options, files: namespaceFiles });
  const namespaces = collection.namespaces.map((one) => ({ netns: one.netns, limits: readQueueLimits(one.files), counters: readCounters(one.files), interfaces: [...one.interfaces.values()] }));
  const listeners = collection.namespaces.flatMap((one, at) => listenersOf(one, namespaces[at]?.limits ?? {}, collection.sockets));
  const findings = [...(await refusals(target, facts, collection, options)), ...listenerFindings(listeners)];
  const notes = collection.refused.has("unix") ? ["UNIX listeners are not shown: the kernel does not list them (unix_diag)."] : [];
  return { takenAt: Date.now(), listeners, namespaces, source: collection.source, findings, notes: [...collection.notes, ...notes] };
}

async function refusals(target: Target, facts: HostFacts, { refused }: SocketCollection, options: PumpOptions): Promise<Finding[]> {
  const outcome = refused.get("tcp");
  return outcome ? [await refusedFinding(target, facts, "tcp", outcome, options)] : [];
}

function listenersOf(one: NamespaceDump, limits: QueueLimits, sockets: SocketTable): Listener[] {
  const { columns, surroundings } = sockets;
  const listening: InetSocket[] = [];
  const requests: InetSocket[] = [];
  const unix: Listener[] = [];
  for (let row = 0; row < columns.length; row++) {
    if (columns.netns[row] !== one.number) continue;
    const listens = columns.state[row] === tcpStateNumbers.listening;
    if (columns.family[row] !== addressFamily.unix) (listens ? listening : requests).push(inetSocketAt(columns, row));
    else if (listens) unix.push(unixListener(sockets.row(row), limits));
  }
  const queues = countHandshakes(listening, requests);
  const found = [...listening.map((socket, at) => toListener(one, socket, queues[at] ?? { handshakes: [], shared: false }, limits, surroundings.owners)), ...unix];
  return surroundings.ownersUnasked ? found.map((listener) => ({ ...listener, ownersUnasked: true })) : found;
}

/** It has an accept queue by TCP's rule, whose limit is min(backlog, somaxconn) too (__sys_listen), and neither handshakes nor drops: connect() waits or fails with EAGAIN. */
function unixListener({ netns, local, recvQ, sendQ, uid, inode, cookie, processes }: SocketRow, limits: QueueLimits): Listener {
  const acceptQueue = { ...(recvQ !== undefined && { length: recvQ }), ...(sendQ !== undefined && { limit: sendQ }) };
  return {
    netns, family: "unix", protocol: "unix", local, acceptQueue, synQueue: {},
    ...(uid !== undefined && { uid }),
    ...(inode !== undefined && { inode }),
    ...(cookie !== undefined && { cookie }),
    processes, handshakes: [], shared: false,
    verdict: judgeUnixListener(acceptQueue, limits),
  };
}

function toListener(one: NamespaceDump, socket: InetSocket, queue: ListenerQueue, limits: QueueLimits, owners: SocketOwners): Listener {
  const { attributes } = socket;
  const acceptQueue = { length: socket.recvQ, ...(socket.sendQ !== undefined && { limit: socket.sendQ }) };
  const synLimit = synQueueLimit(socket.sendQ, limits);
  const synQueue = { length: queue.handshakes.length, ...(synLimit !== undefined && { limit: synLimit }) };
  const drops = attributes.skMemory?.["drops"];
  const { shared } = queue;
  const handshakes = queue.handshakes.map(({ remote, timer }) => ({ remote, ...(timer && { retransmits: timer.retransmits }) }));
  return {
    netns: one.netns,
    family: socket.family,
    protocol: "tcp",
    local: socket.local,
    acceptQueue,
    synQueue,
    ...(drops !== undefined && { drops }),
    ...(socket.uid !== undefined && { uid: socket.uid }),
    ...(socket.inode !== undefined && { inode: socket.inode }),
    ...(socket.cookie !== undefined && { cookie: socket.cookie }),
    ...(socket.family === "ipv6" && attributes.v6Only !== undefined && { v6Only: attributes.v6Only }),
    ...interfaceOf(one, socket),
    ...(attributes.cgroupId !== undefined && { cgroup: `id:${attributes.cgroupId}` }),
    processes: ownersOf(owners, socket.inode),
    handshakes,
    shared,
    verdict: judgeListener({ acceptQueue, synQueue, shared, handshakes, ...(drops !== undefined && { drops }) }, limits),
  };
}
