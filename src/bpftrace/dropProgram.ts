/**
 * Probes of every place where a packet is dropped. The tracepoint skb:kfree_skb (include/trace/events/skb.h) fires for each packet that
 * the kernel frees as dropped, with the place of the call and, since 5.17, a reason. What it never shows are packets that a full queue of a
 * listener refuses: tcp_conn_request and tcp_v4_syn_recv_sock return as if all were well, so the packet counts as consumed (until 6.17 or so brings a reason).
 * Those two are probed themselves, and ask what the kernel is about to ask.
 *
 * `dev` of a packet shares its place with other things once a socket has queued it, so what it seems to say is checked where it is read.
 */
import type { Endianness } from "../base/byteReader";
import { networkPort } from "./networkOrder";
import type { KernelStructs } from "./kernelStructs";
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

export interface DropProgramOptions {
  readonly hasReason: boolean;
  readonly queueProbes: readonly QueueProbe[];
  readonly filter: TraceFilter;
  readonly endianness: Endianness;
  readonly structs: KernelStructs;
}

const etherTypes = { ipv4: 0x0800, ipv6: 0x86dd } as const;
const deviceNetns = "$skb->dev->net->inum";
const socketNetns = "$skb->sk->net->inum";

const hasNetns = ({ has }: KernelStructs): boolean => has("kn_net.inum") && has("kn_dev.net") && has("kn_sock.net");

const commonFields = (reason: string, structs: KernelStructs): readonly Field[] => [
  ["reason", "%d", reason],
  ["location", "%llx", "(uint64)args->location"],
  ["protocol", "%d", "args->protocol"],
  ["device", "%s", "$skb->dev->name"],
  ...(hasNetns(structs) ? [["devnetns", "%u", deviceNetns], ["sknetns", "%u", socketNetns]] as const : []),
];

/** As little as tells the case: each value costs a second of start where machines are slow. */
const queueFields = (reason: string, structs: KernelStructs): readonly Field[] => [["reason", "%d", reason], ...(hasNetns(structs) ? [["sknetns", "%u", "$sk->net->inum"]] as const : [])];

const portFields: readonly Field[] = [["psource", "%d", "$th->source"], ["pdest", "%d", "$th->dest"]];
const flagField: Field = ["flags", "%d", "$th->flags"];
const transport4: Field = ["transport", "%d", "((struct kn_ip4 *)$ip)->protocol"];
const transport6: Field = ["transport", "%d", "((struct kn_ip6 *)$ip)->protocol"];
const ipv4Fields: readonly Field[] = [
  ...portFields,
  ["psaddr", "%s", "ntop(((struct kn_ip4 *)$ip)->source)"],
  ["pdaddr", "%s", "ntop(((struct kn_ip4 *)$ip)->dest)"],
];
const ipv6Fields: readonly Field[] = [
  ...portFields,
  ["psaddr", "%s", "ntop(((struct kn_ip6 *)$ip)->source)"],
  ["pdaddr", "%s", "ntop(((struct kn_ip6 *)$ip)->dest)"],
];

/** The transport header is not always noted yet where a packet is dropped: it is counted from the one of IP. */
const headers = (packet: string, isIpv6: string): readonly string[] => [
  `$skb = (struct kn_skb *)${packet}`,
  "$ip = $skb->head + $skb->network_header",
  `$off = ${isIpv6} ? (uint64)40 : ((uint64)((struct kn_ip4 *)$ip)->start & 15) * 4`,
  "$th = (struct kn_tcp *)($ip + $off)",
];

const ports = ["$th->source", "$th->dest"];

export function dropProbes({ hasReason, queueProbes, filter, endianness, structs }: DropProgramOptions): readonly RecordProbe[] {
  const reason = hasReason ? "args->reason" : String(noReason);
  const common = commonFields(reason, structs);
  const isIp = (type: number): string => `args->protocol == ${type}`;
  const kfree: RecordProbe = {
    attach: "tracepoint:skb:kfree_skb",
    setup: headers("args->skbaddr", isIp(etherTypes.ipv6)),
    conditions: filterConditions(filter, { ports, netns: [deviceNetns, socketNetns] }, endianness),
    shapes: [
      { name: "ipv4", condition: isIp(etherTypes.ipv4), fields: [...common, transport4, flagField, ...ipv4Fields] },
      { name: "ipv6", condition: isIp(etherTypes.ipv6), fields: [...common, transport6, flagField, ...ipv6Fields] },
      { name: "other", fields: common },
    ],
    key: [[hasReason ? "(uint64)args->reason & 0xfffff" : "0", 20], ["(uint64)args->location & 0xffffffff", 32]],
  };
  return [kfree, ...queueProbes.map((probe) => queueProbe(probe, filter, endianness, structs))];
}

/** The conditions are those of sk_acceptq_is_full and inet_csk_reqsk_queue_is_full (include/net/sock.h, include/net/inet_connection_sock.h). */
function queueProbe(probe: QueueProbe, filter: TraceFilter, endianness: Endianness, structs: KernelStructs): RecordProbe {
  const name = probe.function;
  const isIpv6 = `$skb->protocol == ${networkPort(etherTypes.ipv6, endianness)}`;
  const acceptFull = "$sk->accepted > $sk->backlog";
  const synFull = `((struct kn_listener *)arg${probe.socketArgument})->requests >= (int32)$sk->backlog && $sk->net->syncookies == 0`;
  const seesSyns = probe.takesSyns && ["kn_listener.requests", "kn_net.syncookies", "kn_sock.net"].every(structs.has);
  const common = queueFields(seesSyns ? `(${acceptFull}) ? -1 : -2` : "-1", structs);
  const ipv4: RecordShape = { name: `ipv4:${name}`, fields: [...common, ...ipv4Fields] };
  const ipv6: RecordShape = { name: `ipv6:${name}`, fields: [...common, ...ipv6Fields] };
  const only = name.startsWith("tcp_v4_") ? "ipv4" : name.startsWith("tcp_v6_") ? "ipv6" : undefined;
  return {
    attach: `kprobe:${name}`,
    setup: [`$sk = (struct kn_sock *)arg${probe.socketArgument}`, ...headers(`arg${probe.packetArgument}`, only === undefined ? isIpv6 : only === "ipv6" ? "1" : "0")],
    // tcp_v6_syn_recv_sock hands IPv4 on to its sibling, which is probed as well.
    conditions: [seesSyns ? `(${acceptFull}) || (${synFull})` : acceptFull, ...(only === "ipv6" ? [isIpv6] : []), ...filterConditions(filter, { ports, netns: ["$sk->net->inum"] }, endianness)],
    shapes: only === "ipv4" ? [ipv4] : only === "ipv6" ? [ipv6] : [{ ...ipv6, condition: isIpv6 }, ipv4],
    key: [["$th->dest", 16]],
  };
}
