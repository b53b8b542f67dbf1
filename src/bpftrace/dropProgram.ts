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
import { ipv4Addresses, ipv6Addresses, portFields, tcpFlagFields } from "./packetFields";
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
}

const etherTypes = { ipv4: 0x0800, ipv6: 0x86dd } as const;
const deviceNetns = "$skb->dev->nd_net.net->ns.inum";
const socketNetns = "$skb->sk->__sk_common.skc_net.net->ns.inum";

const commonFields = (reason: string, location: string, protocol: string): readonly Field[] => [
  ["reason", "%d", reason],
  ["location", "%llx", location],
  ["protocol", "%d", protocol],
  ["device", "%s", "$skb->dev->name"],
  ["devnetns", "%u", deviceNetns],
  ["sknetns", "%u", socketNetns],
];

const transport4: Field = ["transport", "%d", "((struct iphdr *)$ip)->protocol"];
const transport6: Field = ["transport", "%d", "((struct ipv6hdr *)$ip)->nexthdr"];

/** The transport header is not always noted yet where a packet is dropped: it is counted from the one of IP. */
const headers = (packet: string, isIpv6: string): readonly string[] => [
  `$skb = (struct sk_buff *)${packet}`,
  "$ip = $skb->head + $skb->network_header",
  `$off = ${isIpv6} ? (uint64)40 : (uint64)((struct iphdr *)$ip)->ihl * 4`,
  "$th = (struct tcphdr *)($ip + $off)",
];

const ports = ["$th->source", "$th->dest"];

export function dropProbes({ hasReason, queueProbes, filter, endianness }: DropProgramOptions): readonly RecordProbe[] {
  const reason = hasReason ? "args->reason" : String(noReason);
  const common = commonFields(reason, "(uint64)args->location", "args->protocol");
  const isIp = (type: number): string => `args->protocol == ${type}`;
  const kfree: RecordProbe = {
    attach: "tracepoint:skb:kfree_skb",
    setup: headers("args->skbaddr", isIp(etherTypes.ipv6)),
    conditions: filterConditions(filter, { ports, netns: [deviceNetns, socketNetns] }, endianness),
    shapes: [
      { name: "ipv4", condition: isIp(etherTypes.ipv4), fields: [...common, transport4, ...portFields, ...tcpFlagFields, ...ipv4Addresses] },
      { name: "ipv6", condition: isIp(etherTypes.ipv6), fields: [...common, transport6, ...portFields, ...tcpFlagFields, ...ipv6Addresses] },
      { name: "other", fields: common },
    ],
    key: [[hasReason ? "(uint64)args->reason & 0xfffff" : "0", 20], ["(uint64)args->location & 0xffffffff", 32]],
  };
  return [kfree, ...queueProbes.map((probe) => queueProbe(probe, filter, endianness))];
}

/** The conditions are those of sk_acceptq_is_full and inet_csk_reqsk_queue_is_full (include/net/sock.h, include/net/inet_connection_sock.h). */
function queueProbe(probe: QueueProbe, filter: TraceFilter, endianness: Endianness): RecordProbe {
  const name = probe.function;
  const isIpv6 = `$skb->protocol == ${networkPort(etherTypes.ipv6, endianness)}`;
  const acceptFull = "$sk->sk_ack_backlog > $sk->sk_max_ack_backlog";
  const synFull = "((struct inet_connection_sock *)$sk)->icsk_accept_queue.qlen.counter >= (int32)$sk->sk_max_ack_backlog && $sk->__sk_common.skc_net.net->ipv4.sysctl_tcp_syncookies == 0";
  const common = commonFields(probe.takesSyns ? `(${acceptFull}) ? -1 : -2` : "-1", "(uint64)0", "0");
  const ipv4: RecordShape = { name: `ipv4:${name}`, fields: [...common, transport4, ...portFields, ...ipv4Addresses] };
  const ipv6: RecordShape = { name: `ipv6:${name}`, fields: [...common, transport6, ...portFields, ...ipv6Addresses] };
  const only = name.startsWith("tcp_v4_") ? "ipv4" : name.startsWith("tcp_v6_") ? "ipv6" : undefined;
  return {
    attach: `kprobe:${name}`,
    setup: [`$sk = (struct sock *)arg${probe.socketArgument}`, ...headers(`arg${probe.packetArgument}`, only === undefined ? isIpv6 : only === "ipv6" ? "1" : "0")],
    // tcp_v6_syn_recv_sock hands IPv4 on to its sibling, which is probed as well.
    conditions: [probe.takesSyns ? `(${acceptFull}) || (${synFull})` : acceptFull, ...(only === "ipv6" ? [isIpv6] : []), ...filterConditions(filter, { ports, netns: ["$sk->__sk_common.skc_net.net->ns.inum"] }, endianness)],
    shapes: only === "ipv4" ? [ipv4] : only === "ipv6" ? [ipv6] : [{ ...ipv6, condition: isIpv6 }, ipv4],
    key: [["$th->dest", 16]],
  };
}
