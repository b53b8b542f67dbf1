/**
 * The program that prints one record for every RST this host sends. tcp_v4_send_reset and tcp_v6_send_reset (net/ipv4/tcp_ipv4.c,
 * net/ipv6/tcp_ipv6.c) answer a packet, tcp_send_active_reset (net/ipv4/tcp_output.c) needs none; nf_send_reset and nf_send_reset6
 * (net/ipv4/netfilter/nf_reject_ipv4.c and its sibling) do it for REJECT rules, past TCP. All values are printed as they lie in memory, so ports keep network order, and a null socket reads as zeros.
 *
 * In the paths of __tcp_close the state is already CLOSE and skc_num zero when the RST goes out: inet_sport and the facts about lingering and
 * orphaning tell those paths apart. The header is found through skb->head, since skb->data moves.
 */
import type { Endianness } from "../base/byteReader";

export const resetFunctions = ["tcp_v4_send_reset", "tcp_v6_send_reset", "tcp_send_active_reset", "nf_send_reset", "nf_send_reset6"] as const;
export type ResetFunction = (typeof resetFunctions)[number];

export interface ResetProbe {
  readonly function: ResetFunction;
  /** Which argument, from 0, is the enum sk_rst_reason; Linux has it since 6.10. */
  readonly reasonArgument?: number;
  /** Which argument, from 0, is the packet. Default: 1, and 2 for the functions of netfilter. */
  readonly packetArgument?: number;
}

export interface ResetProgramOptions {
  /** For functions that the kernel has: IPv6 and REJECT may be modules that are not loaded. */
  readonly probes: readonly ResetProbe[];
  /** Of the target: the port is compared as it lies in memory. */
  readonly endianness: Endianness;
  /** Local or remote port, 1 to 65535. */
  readonly port?: number;
}

/** What the tick prints: the first one tells that all probes are attached, and each one finds out whether anybody still reads. */
export const readyMark = "knetscope ready";
export const recordMark = "knetscope reset";
/** Stands before the process name, which comes last since it may hold anything. */
export const commMark = "comm ";

type Field = readonly [name: string, format: "%d" | "%u" | "%llx" | "%s", expression: string];

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

const packetFields: readonly Field[] = [
  ["psource", "%d", "$th->source"],
  ["pdest", "%d", "$th->dest"],
  ["fin", "%d", "$th->fin"],
  ["syn", "%d", "$th->syn"],
  ["rst", "%d", "$th->rst"],
  ["psh", "%d", "$th->psh"],
  ["ack", "%d", "$th->ack"],
  ["urg", "%d", "$th->urg"],
  ["doff", "%d", "$th->doff"],
  ["seq", "%u", "$th->seq"],
  ["ackseq", "%u", "$th->ack_seq"],
  ["netoff", "%d", "$skb->network_header"],
  ["thoff", "%d", "$skb->transport_header"],
  ["devnetns", "%u", "$skb->dev->nd_net.net->ns.inum"],
];

/** saddr and daddr by their place in the headers: the fields moved into a group of their own in 5.17, which old versions cannot look into. */
const packetAddresses4: readonly Field[] = [
  ["length", "%d", "((struct iphdr *)$ip)->tot_len"],
  ["psaddr", "%s", "ntop(((struct in_addr *)($ip + 12))->s_addr)"],
  ["pdaddr", "%s", "ntop(((struct in_addr *)($ip + 16))->s_addr)"],
];

const packetAddresses6: readonly Field[] = [
  ["length", "%d", "((struct ipv6hdr *)$ip)->payload_len"],
  ["psaddr", "%s", "ntop(((struct in6_addr *)($ip + 8))->in6_u.u6_addr8)"],
  ["pdaddr", "%s", "ntop(((struct in6_addr *)($ip + 24))->in6_u.u6_addr8)"],
];

const netfilterFields: readonly Field[] = [["netns", "%u", "((struct net *)arg0)->ns.inum"]];

const fields: Readonly<Record<ResetFunction, readonly Field[]>> = {
  tcp_v4_send_reset: [...socketFields, ...socketAddresses4, ...packetFields, ...packetAddresses4],
  tcp_v6_send_reset: [...socketFields, ...socketAddresses6, ...packetFields, ...packetAddresses6],
  tcp_send_active_reset: [...socketFields, ...socketAddresses4, ...socketAddresses6],
  nf_send_reset: [...netfilterFields, ...packetFields, ...packetAddresses4],
  nf_send_reset6: [...netfilterFields, ...packetFields, ...packetAddresses6],
};

export const isIpv6Function = (probe: ResetFunction): boolean => probe === "tcp_v6_send_reset" || probe === "nf_send_reset6";
const isNetfilter = (probe: ResetFunction): boolean => probe.startsWith("nf_");

/** Names of the values of a record, in their order. */
export const recordFields = (probe: ResetFunction): readonly string[] => [...fields[probe].map(([name]) => name), "reason", "pid"];

/** @throws RangeError when there is no function to probe, or the port is none. */
export function resetProgram(options: ResetProgramOptions): string {
  if (options.probes.length === 0) throw new RangeError("no function to probe");
  const probes = options.probes.map((probe) => probeText(probe, options));
  return [...probes, `interval:ms:200 { printf("${readyMark}\\n"); }`].join("\n");
}

function probeText(probe: ResetProbe, options: ResetProgramOptions): string {
  const isActive = probe.function === "tcp_send_active_reset";
  const reason = probe.reasonArgument === undefined ? "-1" : `arg${probe.reasonArgument}`;
  const all: readonly Field[] = [...fields[probe.function], ["reason", "%d", reason], ["pid", "%d", "pid"]];
  const format = [`${recordMark} ${probe.function}`, ...all.map(([, spec]) => spec)].join("|");
  const print = `printf("${format}\\n%s\\n${commMark}%s\\n", ${all.map(([, , expression]) => expression).join(", ")}, kstack(perf), comm);`;
  const lines = [
    ...(isNetfilter(probe.function) ? [] : ["$sk = (struct sock *)arg0;"]),
    ...(isActive ? [] : packetLines(probe)),
    ...(options.port === undefined ? [print] : [`if (${portCondition(isActive, options.port, options.endianness)}) { ${print} }`]),
  ];
  return [`kprobe:${probe.function} {`, ...lines.map((line) => `  ${line}`), "}"].join("\n");
}

const packetLines = (probe: ResetProbe): readonly string[] => [
  `$skb = (struct sk_buff *)arg${probe.packetArgument ?? (isNetfilter(probe.function) ? 2 : 1)};`,
  "$th = (struct tcphdr *)($skb->head + $skb->transport_header);",
  "$ip = $skb->head + $skb->network_header;",
];

function portCondition(isActive: boolean, port: number, endianness: Endianness): string {
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new RangeError(`not a port: ${port}`);
  const raw = networkPort(port, endianness);
  const values = isActive
    ? ["((struct inet_sock *)arg0)->inet_sport", "$sk->__sk_common.skc_dport"]
    : ["$th->source", "$th->dest"];
  return values.map((value) => `${value} == ${raw}`).join(" || ");
}

/** A 16-bit value of network order as a machine of this endianness loads it, and back. */
export const networkPort = (value: number, endianness: Endianness): number =>
  endianness === "big" ? value : ((value & 0xff) << 8) | (value >>> 8);

export const networkWord = (value: number, endianness: Endianness): number => {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, value, endianness === "little");
  return bytes.getUint32(0, false);
};
