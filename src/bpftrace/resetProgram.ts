/**
 * Probes of every place where this host sends an RST. tcp_v4_send_reset and tcp_v6_send_reset (net/ipv4/tcp_ipv4.c,
 * net/ipv6/tcp_ipv6.c) answer a packet, tcp_send_active_reset (net/ipv4/tcp_output.c) needs none; nf_send_reset and nf_send_reset6
 * (net/ipv4/netfilter/nf_reject_ipv4.c and its sibling) do it for REJECT rules, past TCP.
 *
 * In the paths of __tcp_close the state is already CLOSE and skc_num zero when the RST goes out: inet_sport and the facts about lingering and
 * orphaning tell those paths apart. The header is found through skb->head, since skb->data moves.
 */
import type { Endianness } from "../base/byteReader";
import type { Field, RecordProbe } from "./recordProgram";
import { filterConditions, type TraceFilter } from "./traceFilter";
import { ipv4Addresses, ipv6Addresses, packetSetup, tcpFields } from "./packetFields";

export const resetFunctions = ["tcp_v4_send_reset", "tcp_v6_send_reset", "tcp_send_active_reset", "nf_send_reset", "nf_send_reset6"] as const;
export type ResetFunction = (typeof resetFunctions)[number];

export interface ResetProbe {
  readonly function: ResetFunction;
  /** Which argument, from 0, is the enum sk_rst_reason; Linux has it since 6.10. */
  readonly reasonArgument?: number;
  /** Which argument, from 0, is the packet. Default: 1, and 2 for the functions of netfilter. */
  readonly packetArgument?: number;
}

const socketFields: readonly Field[] = [
  ["sk", "%llx", "arg0"],
  ["family", "%d", "$sk->__sk_common.skc_family"],
  ["state", "%d", "$sk->__sk_common.skc_state"],
  ["num", "%d", "$sk->__sk_common.skc_num"],
  ["sport", "%d", "((struct inet_sock *)arg0)->inet_sport"],
  ["dport", "%d", "$sk->__sk_common.skc_dport"],
  ["shutdown", "%d", "$sk->sk_shutdown"],
  ["owner", "%llx", "(uint64)$sk->sk_socket"],
  ["linger2", "%d", "((struct tcp_sock *)arg0)->linger2"],
  ["substate", "%d", "((struct inet_timewait_sock *)arg0)->tw_substate"],
  ["netns", "%u", "$sk->__sk_common.skc_net.net->ns.inum"],
];

const socketAddresses4: readonly Field[] = [
  ["local4", "%s", "ntop($sk->__sk_common.skc_rcv_saddr)"],
  ["remote4", "%s", "ntop($sk->__sk_common.skc_daddr)"],
];

const socketAddresses6: readonly Field[] = [
  ["local6", "%s", "ntop($sk->__sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8)"],
  ["remote6", "%s", "ntop($sk->__sk_common.skc_v6_daddr.in6_u.u6_addr8)"],
];

const deviceNetns = "$skb->dev->nd_net.net->ns.inum";
const packetFields: readonly Field[] = [...tcpFields, ["devnetns", "%u", deviceNetns]];

const netfilterFields: readonly Field[] = [["netns", "%u", "((struct net *)arg0)->ns.inum"]];

const fields: Readonly<Record<ResetFunction, readonly Field[]>> = {
  tcp_v4_send_reset: [...socketFields, ...socketAddresses4, ...packetFields, ...ipv4Addresses],
  tcp_v6_send_reset: [...socketFields, ...socketAddresses6, ...packetFields, ...ipv6Addresses],
  tcp_send_active_reset: [...socketFields, ...socketAddresses4, ...socketAddresses6],
  nf_send_reset: [...netfilterFields, ...packetFields, ...ipv4Addresses],
  nf_send_reset6: [...netfilterFields, ...packetFields, ...ipv6Addresses],
};

export const isIpv6Function = (probe: ResetFunction): boolean => probe === "tcp_v6_send_reset" || probe === "nf_send_reset6";
const isNetfilter = (probe: ResetFunction): boolean => probe.startsWith("nf_");

/** Probes for functions that the kernel has: IPv6 and REJECT may be modules that are not loaded. */
export const resetProbes = (probes: readonly ResetProbe[], filter: TraceFilter, endianness: Endianness): readonly RecordProbe[] =>
  probes.map((probe) => resetProbe(probe, filter, endianness));

function resetProbe(probe: ResetProbe, filter: TraceFilter, endianness: Endianness): RecordProbe {
  const name = probe.function;
  const isActive = name === "tcp_send_active_reset";
  const reason = probe.reasonArgument === undefined ? "-1" : `arg${probe.reasonArgument}`;
  const packet = probe.packetArgument ?? (isNetfilter(name) ? 2 : 1);
  const state = isNetfilter(name) ? "0" : "$sk->__sk_common.skc_state";
  return {
    attach: `kprobe:${name}`,
    setup: [...(isNetfilter(name) ? [] : ["$sk = (struct sock *)arg0"]), ...(isActive ? [] : packetSetup(`arg${packet}`))],
    conditions: filterConditions(filter, placesOf(name), endianness),
    shapes: [{ name, fields: [...fields[name], ["reason", "%d", reason]] }],
    key: isActive ? [[state, 8], ["((struct inet_sock *)arg0)->inet_sport", 16]] : [[state, 8], ["$th->dest", 16], ["$th->syn", 1], ["$th->ack", 1]],
  };
}

function placesOf(name: ResetFunction): Parameters<typeof filterConditions>[1] {
  const socket = "$sk->__sk_common.skc_net.net->ns.inum";
  if (name === "tcp_send_active_reset") return { ports: ["((struct inet_sock *)arg0)->inet_sport", "$sk->__sk_common.skc_dport"], netns: [socket] };
  return { ports: ["$th->source", "$th->dest"], netns: isNetfilter(name) ? ["((struct net *)arg0)->ns.inum"] : [socket, deviceNetns] };
}
