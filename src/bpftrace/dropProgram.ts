/**
 * Probes of every place where a packet is dropped. The tracepoint skb:kfree_skb (include/trace/events/skb.h) fires for each packet that
 * the kernel frees as dropped, with the place of the call and, since 5.17, a reason. What it never shows are packets that a full queue of a
 * listener refuses: tcp_conn_request and tcp_v4_syn_recv_sock return as if all were well, so the packet counts as consumed (until 6.17 or so brings a reason).
 * Those two are probed themselves, and ask what the kernel is about to ask.
 *
 * Where bpftrace cannot be relied on to read the tracepoint (bpftraceSyntax.ts) the function that fires it is probed. What it frees in lists (6.2 and newer) is not seen then.
 *
 * `dev` of a packet shares its place with other things once a socket has queued it, so what it seems to say is checked where it is read.
 */
import type { Endianness } from "../base/byteReader";
import { networkPort } from "./networkOrder";
import { wordFields } from "./addressFields";
import type { KernelFields } from "./kernelFields";
import { countedTransport, ipHeader, ipSetup, packetAddresses, packetSetup, portFields, tcpHeader } from "./packetFields";
import type { Field, RecordProbe, RecordShape } from "./recordProgram";
import { filterConditions, type TraceFilter } from "./traceFilter";

/** A function that refuses SYNs or last ACKs in silence, with the places of its arguments from 0. */
export interface QueueProbe {
  readonly function: string;
  readonly socketArgument: number;
  readonly packetArgument: number;
  /** It handles SYNs: the queue of handshakes may be full as well. */
  readonly takesSyns: boolean;
}

export const queueFunctions = ["tcp_conn_request", "tcp_v4_syn_recv_sock", "tcp_v6_syn_recv_sock"] as const;

/** Reasons of ours, for what the kernel does not call a drop. */
export const ownReasons: ReadonlyMap<number, string> = new Map([[-1, "ACCEPT_QUEUE_FULL"], [-2, "SYN_QUEUE_FULL"]]);
/** Of kernels whose tracepoint has no reason. */
export const noReason = -3;

/** The tracepoint, with or without a reason, or the function that fires it. */
export type DropSource = { readonly tracepoint: true; readonly hasReason: boolean } | FreeingFunction;

/** A function that frees a packet as dropped, with the places of its arguments from 0. */
export interface FreeingFunction {
  readonly function: string;
  readonly packetArgument: number;
  readonly reasonArgument?: number;
  /** With these it frees a packet that is not dropped. */
  readonly notDropped: readonly number[];
}

/** The newest first: sk_skb_reason_drop since 6.11, kfree_skb_reason since 5.17. */
export const freeingFunctions = ["sk_skb_reason_drop", "kfree_skb_reason", "kfree_skb"] as const;

export interface DropProgramOptions {
  readonly source: DropSource;
  readonly queueProbes: readonly QueueProbe[];
  readonly filter: TraceFilter;
  readonly endianness: Endianness;
  readonly kernel: KernelFields;
}

const etherTypes = { ipv4: 0x0800, ipv6: 0x86dd } as const;
const deviceNetns = (kernel: KernelFields): string => kernel.of("net.inum", kernel.of("dev.net", kernel.of("skb.dev", "$skb")));
const netnsOf = (kernel: KernelFields, socket: string): string => kernel.of("net.inum", kernel.of("sock.net", socket));

const hasNetns = (kernel: KernelFields): boolean => kernel.has("net.inum", "dev.net", "sock.net");

/** As little as tells the case: each value costs a second of start where machines are slow. */
const queueFields = (reason: string, kernel: KernelFields): readonly Field[] => [["reason", "%d", reason], ...(hasNetns(kernel) ? [["sknetns", "%u", netnsOf(kernel, "$sk")]] as const : [])];

const flagField: Field = ["flags", "%d", tcpHeader.flags];
const ipv4Fields: readonly Field[] = [...portFields, ...packetAddresses(4)];
const ipv6Fields: readonly Field[] = [...portFields, ...packetAddresses(6)];

/** The transport header is not always noted yet where a packet is dropped: it is counted from the one of IP. */
const headers = (packet: string, isIpv6: string | boolean, kernel: KernelFields): readonly string[] => [
  ...packetSetup(packet, kernel), ipSetup(kernel),
  ...(typeof isIpv6 === "boolean" ? [countedTransport(isIpv6 ? 6 : 4)] : [`$off = (${isIpv6}) ? (uint64)${ipHeader.bytes6} : ${ipHeader.bytes4}`, "$th = $ip + $off"]),
];

const ports = [tcpHeader.source, tcpHeader.dest];

export const dropProbes = (options: DropProgramOptions): readonly RecordProbe[] => [freeProbe(options), ...options.queueProbes.map((probe) => queueProbe(probe, options))];

function freeProbe({ source, filter, endianness, kernel }: DropProgramOptions): RecordProbe {
  const { attach, packet, reason, protocol, where, conditions, parts } = "tracepoint" in source ? byTracepoint(source.hasReason) : byFunction(source, kernel);
  const isIp = (type: keyof typeof etherTypes): string => `$protocol == ${protocol.isSwapped ? networkPort(etherTypes[type], endianness) : etherTypes[type]}`;
  const common: readonly Field[] = [
    ["reason", "%d", reason], ...where, [protocol.isSwapped ? "wireprotocol" : "protocol", "%d", "$protocol"],
    ...wordFields("device", (behind) => kernel.word("dev.name", kernel.of("skb.dev", "$skb"), behind)),
    ...(hasNetns(kernel) ? [["devnetns", "%u", deviceNetns(kernel)], ["sknetns", "%u", netnsOf(kernel, kernel.of("skb.sk", "$skb"))]] as const : []),
  ];
  const netns = hasNetns(kernel) ? [deviceNetns(kernel), netnsOf(kernel, kernel.of("skb.sk", "$skb"))] : [];
  return {
    attach,
    setup: [`$protocol = ${protocol.value}`, ...headers(packet, isIp("ipv6"), kernel)],
    conditions: [...conditions, ...filterConditions(filter, { ports, netns }, endianness)],
    shapes: [
      { name: "ipv4", condition: isIp("ipv4"), fields: [...common, ["transport", "%d", ipHeader.transport4], flagField, ...ipv4Fields] },
      { name: "ipv6", condition: isIp("ipv6"), fields: [...common, ["transport", "%d", ipHeader.transport6], flagField, ...ipv6Fields] },
      { name: "other", fields: common },
    ],
    ...parts,
  };
}

interface FreeParts {
  readonly attach: string;
  readonly packet: string;
  readonly reason: string;
  /** Swapped: as it lies in the packet. */
  readonly protocol: { readonly value: string; readonly isSwapped: boolean };
  readonly where: readonly Field[];
  readonly conditions: readonly string[];
  readonly parts: Pick<RecordProbe, "key" | "stackInKey">;
}

const byTracepoint = (hasReason: boolean): FreeParts => ({
  attach: "tracepoint:skb:kfree_skb",
  packet: "(uint64)args->skbaddr",
  reason: hasReason ? "args->reason" : String(noReason),
  protocol: { value: "args->protocol", isSwapped: false },
  where: [["location", "%llx", "(uint64)args->location"]],
  conditions: [],
  parts: { key: [[hasReason ? "(uint64)args->reason & 0xfffff" : "0", 20], ["(uint64)args->location & 0xffffffff", 32]] },
});

/** The one who lets go of the last reference drops the packet (skb_unref, include/linux/skbuff.h). The place of the call is the stack's second frame. */
function byFunction({ function: name, packetArgument, reasonArgument, notDropped }: FreeingFunction, kernel: KernelFields): FreeParts {
  const packet = `arg${packetArgument}`;
  const reason = reasonArgument === undefined ? undefined : `arg${reasonArgument}`;
  return {
    attach: `kprobe:${name}`,
    packet,
    reason: reason ?? String(noReason),
    protocol: { value: kernel.of("skb.protocol", packet), isSwapped: true },
    where: [],
    conditions: [`${packet} != 0`, ...(kernel.has("skb.users") ? [`${kernel.of("skb.users", packet)} == 1`] : []), ...(reason === undefined ? [] : notDropped.map((value) => `${reason} != ${value}`))],
    parts: { key: [[reason === undefined ? "0" : `(uint64)${reason} & 0xfffff`, 20]], stackInKey: true },
  };
}

/** The conditions are those of sk_acceptq_is_full and inet_csk_reqsk_queue_is_full (include/net/sock.h, include/net/inet_connection_sock.h). */
function queueProbe(probe: QueueProbe, { filter, endianness, kernel }: DropProgramOptions): RecordProbe {
  const name = probe.function;
  const isIpv6 = `${kernel.of("skb.protocol", "$skb")} == ${networkPort(etherTypes.ipv6, endianness)}`;
  const backlog = kernel.of("sock.backlog", "$sk");
  const acceptFull = `${kernel.of("sock.accepted", "$sk")} > ${backlog}`;
  const synFull = `${kernel.of("listener.requests", "$sk")} >= (int32)${backlog} && ${kernel.of("net.syncookies", kernel.of("sock.net", "$sk"))} == 0`;
  const seesSyns = probe.takesSyns && kernel.has("listener.requests", "net.syncookies", "sock.net");
  const common = queueFields(seesSyns ? `(${acceptFull}) ? -1 : -2` : "-1", kernel);
  const ipv4: RecordShape = { name: `ipv4:${name}`, fields: [...common, ...ipv4Fields] };
  const ipv6: RecordShape = { name: `ipv6:${name}`, fields: [...common, ...ipv6Fields] };
  const only = name.startsWith("tcp_v4_") ? "ipv4" : name.startsWith("tcp_v6_") ? "ipv6" : undefined;
  return {
    attach: `kprobe:${name}`,
    setup: [`$sk = arg${probe.socketArgument}`, ...headers(`arg${probe.packetArgument}`, only === undefined ? isIpv6 : only === "ipv6", kernel)],
    // tcp_v6_syn_recv_sock hands IPv4 on to its sibling, which is probed as well.
    conditions: [
      seesSyns ? `(${acceptFull}) || (${synFull})` : acceptFull, ...(only === "ipv6" ? [isIpv6] : []),
      ...filterConditions(filter, { ports, netns: hasNetns(kernel) ? [netnsOf(kernel, "$sk")] : [] }, endianness),
    ],
    shapes: only === "ipv4" ? [ipv4] : only === "ipv6" ? [ipv6] : [{ ...ipv6, condition: isIpv6 }, ipv4],
    key: [[tcpHeader.dest, 16]],
  };
}
