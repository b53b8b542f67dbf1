/** What one pass asks the kernel for, and what its answers are, by number of request. */
import { randomInt } from "node:crypto";
import type { Endianness } from "../base/byteReader";
import { readDump, type DumpOutcome } from "../netlink/dump";
import { linkDumpRequest, readLink } from "../netlink/linkMessage";
import { NETLINK_ROUTE, NETLINK_SOCK_DIAG } from "../netlink/netlinkMessage";
import type { PumpRequest } from "../probes/pumpRequest";
import { readInetDiagMessage, type InetSocket } from "../sockdiag/inetDiagMessage";
import { AF_INET, AF_INET6, inetDumpRequest, inetExtension, IPPROTO_TCP, IPPROTO_UDP } from "../sockdiag/inetDiagRequest";
import { tcpStateNumbers } from "../sockdiag/tcpState";
import { readUnixDiagMessage, unixDumpRequest, type UnixSocket } from "../sockdiag/unixDiag";
import type { NamespaceDump } from "./hostDump";

export type PlannedProtocol = "tcp" | "udp" | "unix";

export interface SocketPlan {
  readonly protocols: readonly PlannedProtocol[];
  readonly states: number;
  readonly extensions: number;
}

type Step =
  | { readonly kind: "links" }
  | { readonly kind: "unix" }
  | { readonly kind: "inet"; readonly protocol: "tcp" | "udp"; readonly family: typeof AF_INET | typeof AF_INET6 };

/** What one namespace answered. */
export interface NamespaceSockets {
  readonly inet: readonly { readonly protocol: "tcp" | "udp"; readonly socket: InetSocket }[];
  readonly unix: readonly UnixSocket[];
  readonly interfaces: ReadonlyMap<number, string>;
  /** How each dump of a protocol ended; a request without an answer counts as refused with the errno of the call. */
  readonly outcomes: readonly { readonly protocol: PlannedProtocol; readonly outcome: DumpOutcome }[];
}

const protocolNumber = { tcp: IPPROTO_TCP, udp: IPPROTO_UDP } as const;

/** The order is the numbering of requests. */
function stepsOf(plan: SocketPlan): readonly Step[] {
  return [
    { kind: "links" },
    ...plan.protocols.flatMap((protocol): Step[] => {
      if (protocol === "unix") return [{ kind: "unix" }];
      return ([AF_INET, AF_INET6] as const).map((family) => ({ kind: "inet", protocol, family }) as const);
    }),
  ];
}

export function planRequests(plan: SocketPlan, endianness: Endianness): PumpRequest["requests"] {
  const sequence = randomInt(1, 0x7fff_0000);
  return stepsOf(plan).map((step, index) => {
    const own = sequence + index;
    if (step.kind === "links") return { protocol: NETLINK_ROUTE, message: linkDumpRequest(endianness, own) };
    if (step.kind === "unix") return { protocol: NETLINK_SOCK_DIAG, message: unixDumpRequest(endianness, own, plan.states) };
    const { family, protocol } = step;
    const { states, extensions } = plan;
    const message = inetDumpRequest(endianness, own, { family, protocol: protocolNumber[protocol], states, extensions });
    return { protocol: NETLINK_SOCK_DIAG, message };
  });
}

export function readNamespace(plan: SocketPlan, dump: NamespaceDump, endianness: Endianness): NamespaceSockets {
  const sockets = { inet: [] as NamespaceSockets["inet"][number][], unix: [] as UnixSocket[], interfaces: new Map<number, string>(), outcomes: [] as NamespaceSockets["outcomes"][number][] };
  const where = `netns ${dump.netns.name}`;
  stepsOf(plan).forEach((step, index) => {
    const outcome = readStep(step, dump, index, endianness, where, sockets);
    if (step.kind !== "links" && outcome) sockets.outcomes.push({ protocol: step.kind === "unix" ? "unix" : step.protocol, outcome });
  });
  if (dump.ss.length > 0) {
    const outcome = readDump(dump.ss, endianness, where, (message) => sockets.inet.push({ protocol: "tcp", socket: readInetDiagMessage(message.payload, endianness, where) }));
    sockets.outcomes.push({ protocol: "tcp", outcome });
  }
  return sockets;
}

type Collected = { readonly inet: NamespaceSockets["inet"][number][]; readonly unix: UnixSocket[]; readonly interfaces: Map<number, string> };

function readStep(step: Step, dump: NamespaceDump, index: number, endianness: Endianness, where: string, into: Collected): DumpOutcome | undefined {
  const failure = dump.failures.get(index);
  if (failure) return { complete: false, interrupted: false, errno: failure.errno, errorIn: "error" };
  const buffers = dump.replies.get(index);
  if (!buffers) return undefined;
  return readDump(buffers, endianness, where, (message) => {
    if (step.kind === "unix") into.unix.push(readUnixDiagMessage(message.payload, endianness, where));
    else if (step.kind === "inet") into.inet.push({ protocol: step.protocol, socket: readInetDiagMessage(message.payload, endianness, where) });
    else {
      const link = readLink(message, endianness, where);
      if (link) into.interfaces.set(link.index, link.name);
    }
  });
}

/** The files of /proc/net that hold the same sockets as text. */
export const procFilesOf = (protocols: readonly PlannedProtocol[]): string[] =>
  protocols.flatMap((protocol) => (protocol === "unix" ? [] : [`/proc/net/${protocol}`, `/proc/net/${protocol}6`]));

/** Words for `ss -D -`, which decides by itself what it asks for: the same states, and memory or everything. */
export function ssArguments(plan: SocketPlan): string[] {
  const states = Object.entries(tcpStateNumbers).filter(([, number]) => plan.states & (1 << number));
  return ["-a", "-m", ...(plan.extensions & inetExtension.tcpInfo ? ["-i"] : []), ...states.flatMap(([name]) => ["state", name])];
}
