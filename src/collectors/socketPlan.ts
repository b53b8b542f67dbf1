/** What one pass asks the kernel for, and what its answers are, by number of request. */
import { randomInt } from "node:crypto";
import type { Endianness } from "../base/byteReader";
import { linkDumpRequest } from "../netlink/linkMessage";
import { NETLINK_ROUTE, NETLINK_SOCK_DIAG } from "../netlink/netlinkMessage";
import type { PumpRequest } from "../probes/pumpRequest";
import { compileBytecode } from "../sockdiag/filterBytecode";
import type { FilterPlan } from "../sockdiag/filterPlan";
import { inetDumpRequest, inetExtension, tcpDumpRequest } from "../sockdiag/inetDiagRequest";
import { linkDumpRequestOf, type LinkFamily } from "../sockdiag/linkFamilies";
import { addressFamily, inetProtocols, isInetProtocol, type InetProtocol, type Protocol } from "../sockdiag/protocols";
import { tcpStateNumbers } from "../sockdiag/tcpState";
import { unixDumpRequest } from "../sockdiag/unixDiag";

export interface SocketPlan {
  readonly protocols: readonly Protocol[];
  readonly filter: FilterPlan;
  /** Bits of `inetExtension`. */
  readonly extensions: number;
  /** TCP is asked for family by family, as every kernel that has sock_diag understands it. */
  readonly plain?: boolean;
}

export type Step =
  | { readonly kind: "links" }
  | { readonly kind: "unix" }
  | { readonly kind: "family"; readonly protocol: LinkFamily }
  | { readonly kind: "tcp"; readonly protocol: "tcp" }
  | { readonly kind: "inet"; readonly protocol: InetProtocol; readonly family: typeof addressFamily.ipv4 | typeof addressFamily.ipv6 };

/** The order is the numbering of requests. */
export function stepsOf(plan: SocketPlan): readonly Step[] {
  return [{ kind: "links" }, ...plan.protocols.flatMap((protocol) => stepsOfProtocol(protocol, plan.plain === true))];
}

function stepsOfProtocol(protocol: Protocol, plain: boolean): Step[] {
  if (protocol === "tcp" && !plain) return [{ kind: "tcp", protocol }];
  if (isInetProtocol(protocol)) return [addressFamily.ipv4, addressFamily.ipv6].map((family) => ({ kind: "inet", protocol, family }) as const);
  return protocol === "unix" ? [{ kind: "unix" }] : [{ kind: "family", protocol }];
}

export function planRequests(plan: SocketPlan, endianness: Endianness): PumpRequest["requests"] {
  const sequence = randomInt(1, 0x7fff_0000);
  const bytecode = plan.filter.kernel && compileBytecode(plan.filter.kernel, endianness);
  return stepsOf(plan).map((step, index) => {
    const own = sequence + index;
    if (step.kind === "links") return { protocol: NETLINK_ROUTE, message: linkDumpRequest(endianness, own) };
    return { protocol: NETLINK_SOCK_DIAG, message: socketRequest(step, plan, endianness, own, bytecode) };
  });
}

function socketRequest(step: Exclude<Step, { kind: "links" }>, plan: SocketPlan, endianness: Endianness, sequence: number, bytecode: Uint8Array | undefined): Uint8Array {
  const { states } = plan.filter;
  if (step.kind === "unix") return unixDumpRequest(endianness, sequence, states, plan.extensions !== 0);
  if (step.kind === "family") return linkDumpRequestOf(step.protocol, endianness, sequence, states);
  const wanted = { states, extensions: plan.extensions, ...(bytecode && { bytecode }) };
  if (step.kind === "tcp") return tcpDumpRequest(endianness, sequence, wanted);
  return inetDumpRequest(endianness, sequence, { ...wanted, family: step.family, protocol: inetProtocols[step.protocol] });
}

/** The files of /proc/net that hold the same sockets as text. */
export const procFilesOf = (protocols: readonly Protocol[]): string[] =>
  protocols.flatMap((protocol) => (hasProcFile(protocol) ? [`/proc/net/${protocol}`, `/proc/net/${protocol}6`] : []));

export const hasProcFile = (protocol: Protocol): boolean => ["tcp", "udp", "udplite", "raw"].includes(protocol);

/** Words for `ss -D -`, which decides by itself what it asks for: the same states, and memory or everything. */
export function ssArguments(plan: SocketPlan): string[] {
  const states = Object.entries(tcpStateNumbers).filter(([, number]) => plan.filter.states & (1 << number));
  return ["-a", "-m", ...(plan.extensions & inetExtension.tcpInfo ? ["-i"] : []), ...states.flatMap(([name]) => ["state", name])];
}
