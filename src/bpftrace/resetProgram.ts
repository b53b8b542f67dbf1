/**
 * Probes of every place where this host sends an RST. tcp_v4_send_reset and tcp_v6_send_reset (net/ipv4/tcp_ipv4.c,
 * net/ipv6/tcp_ipv6.c) answer a packet, tcp_send_active_reset (net/ipv4/tcp_output.c) needs none; nf_send_reset and nf_send_reset6
 * (net/ipv4/netfilter/nf_reject_ipv4.c and its sibling) do it for REJECT rules, past TCP. When that is asked for, also those it receives, and those that leave past TCP.
 *
 * In the paths of __tcp_close the state is already CLOSE and skc_num zero when the RST goes out: inet_sport and the facts about lingering and
 * orphaning tell those paths apart. The header is found through skb->head, since skb->data moves.
 */
import type { Endianness } from "../base/byteReader";
import type { Field, RecordProbe } from "./recordProgram";
import { filterConditions, type TraceFilter } from "./traceFilter";
import { flagsSetup, ipSetup, ipv4Addresses, ipv6Addresses, packetSetup, tcpFields, tcpFlag } from "./packetFields";

/** What this host sends by TCP or by a REJECT rule. */
export const sendingFunctions = ["tcp_v4_send_reset", "tcp_v6_send_reset", "tcp_send_active_reset", "nf_send_reset", "nf_send_reset6"] as const;
/** Where a rule with REJECT brings the module that sends its resets. */
export const rejectModules: ReadonlyMap<ResetFunction, string> = new Map([["nf_send_reset", "nf_reject_ipv4"], ["nf_send_reset6", "nf_reject_ipv6"]]);
/** Handles a reset that came in (net/ipv4/tcp_input.c). */
export const receivingFunctions = ["tcp_reset"] as const;
/** All packets that are forwarded, and all that leave: those that are resets, of others or out of raw sockets (net/ipv4/ip_forward.c, net/ipv4/ip_output.c). */
export const passingFunctions = ["ip_forward", "ip6_forward", "ip_output", "ip6_output"] as const;
export const resetFunctions = [...sendingFunctions, ...receivingFunctions, ...passingFunctions] as const;
export type ResetFunction = (typeof resetFunctions)[number];

interface Traits {
  /** undefined: the socket's. */
  readonly version?: 4 | 6;
  /** Its first argument is the socket. */
  readonly hasSocket?: true;
  /** Which argument is the packet, where the types do not tell. */
  readonly packet?: number;
}

const traits: Readonly<Record<ResetFunction, Traits>> = {
  tcp_v4_send_reset: { version: 4, hasSocket: true, packet: 1 },
  tcp_v6_send_reset: { version: 6, hasSocket: true, packet: 1 },
  tcp_send_active_reset: { hasSocket: true },
  tcp_reset: { hasSocket: true },
  nf_send_reset: { version: 4, packet: 2 },
  nf_send_reset6: { version: 6, packet: 2 },
  ip_forward: { version: 4, packet: 0 },
  ip6_forward: { version: 6, packet: 0 },
  ip_output: { version: 4, packet: 2 },
  ip6_output: { version: 6, packet: 2 },
};

export const hasPacket = (name: ResetFunction): boolean => traits[name].packet !== undefined;
/** Which argument, from 0, is the packet: by the types where they tell. */
export const packetArgumentOf = ({ function: name, packetArgument }: ResetProbe): number | undefined => (hasPacket(name) ? (packetArgument ?? traits[name].packet) : undefined);
/** undefined: as its socket. */
export const versionOf = (name: ResetFunction): 4 | 6 | undefined => traits[name].version;
const isNetfilter = (name: ResetFunction): boolean => name.startsWith("nf_");
const isPassing = (name: ResetFunction): boolean => passingFunctions.some((own) => own === name);
const isOutput = (name: ResetFunction): boolean => name === "ip_output" || name === "ip6_output";

export interface ResetProbe {
  readonly function: ResetFunction;
  /** Which argument, from 0, is the enum sk_rst_reason; Linux has it since 6.10. */
  readonly reasonArgument?: number;
  /** Which argument, from 0, is the packet. */
  readonly packetArgument?: number;
  /** struct sk_buff has _nfct, which tells whether connection tracking knows the packet. */
  readonly hasConntrack?: boolean;
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

const netfilterNetns = "((struct net *)arg0)->ns.inum";

function fieldsOf({ function: name, hasConntrack }: ResetProbe): readonly Field[] {
  const { version, hasSocket, packet } = traits[name];
  return [
    ...(hasSocket ? [...socketFields, ...(version === 6 ? [] : socketAddresses4), ...(version === 4 ? [] : socketAddresses6)] : []),
    ...(isNetfilter(name) ? [["netns", "%u", netfilterNetns]] as const : []),
    ...(packet === undefined ? [] : [...packetFields, ...(version === 6 ? ipv6Addresses : ipv4Addresses)]),
    // IPv6 lets go of the entry before TCP sees the packet, so its absence means nothing there.
    ...(hasConntrack && name === "tcp_v4_send_reset" ? [["nfct", "%llx", "$skb->_nfct"]] as const : []),
  ];
}

/** Probes for functions that the kernel has: IPv6 and REJECT may be modules that are not loaded. */
export const resetProbes = (probes: readonly ResetProbe[], filter: TraceFilter, endianness: Endianness): readonly RecordProbe[] =>
  probes.map((probe) => resetProbe(probe, filter, endianness));

function resetProbe(probe: ResetProbe, filter: TraceFilter, endianness: Endianness): RecordProbe {
  const name = probe.function;
  const { hasSocket } = traits[name];
  const reason = probe.reasonArgument === undefined ? "-1" : `arg${probe.reasonArgument}`;
  return {
    attach: `kprobe:${name}`,
    setup: [...(hasSocket ? ["$sk = (struct sock *)arg0"] : []), ...headerSetup(probe)],
    conditions: [...packetConditions(name), ...filterConditions(filter, placesOf(name), endianness)],
    ...(hasPacket(name) && !isPassing(name) ? { details: [ipSetup] } : {}),
    shapes: [{ name, fields: [...fieldsOf(probe), ["reason", "%d", reason]] }],
    key: keyOf(name),
  };
}

function headerSetup(probe: ResetProbe): readonly string[] {
  const [name, argument] = [probe.function, packetArgumentOf(probe)];
  if (argument === undefined) return [];
  const setup = packetSetup(`arg${argument}`);
  if (!isPassing(name)) return [...setup, flagsSetup];
  // Raw sockets do not always note where the transport header begins.
  const behind = versionOf(name) === 6 ? "40" : "((uint64)((struct iphdr *)$ip)->ihl) * 4";
  return [...setup, ipSetup, `$th = (struct tcphdr *)($ip + ${behind})`, flagsSetup];
}

const tcp = 6;
const rawType = 3;

/**
 * A reset is never answered by one: the functions are called, and return. The kernel's own resets leave through a raw socket as well, but through one that no
 * file stands for.
 */
function packetConditions(name: ResetFunction): readonly string[] {
  if (!isPassing(name)) return hasPacket(name) ? [`($flags & ${tcpFlag.rst}) == 0`] : [];
  const protocol = versionOf(name) === 6 ? "((struct ipv6hdr *)$ip)->nexthdr" : "((struct iphdr *)$ip)->protocol";
  const sender = "((struct sock *)arg1)";
  return [`${protocol} == ${tcp}`, `($flags & ${tcpFlag.rst}) != 0`, ...(isOutput(name) ? [`${sender}->sk_type == ${rawType}`, `(uint64)${sender}->sk_socket->file != 0`] : [])];
}

function keyOf(name: ResetFunction): RecordProbe["key"] {
  const { hasSocket, packet } = traits[name];
  if (isPassing(name)) return [["$th->source", 16]];
  const state = hasSocket ? "$sk->__sk_common.skc_state" : "0";
  return packet === undefined ? [[state, 8], ["((struct inet_sock *)arg0)->inet_sport", 16]] : [[state, 8], ["$th->dest", 16], [`(uint64)$flags & ${tcpFlag.syn | tcpFlag.ack}`, 8]];
}

function placesOf(name: ResetFunction): Parameters<typeof filterConditions>[1] {
  const { hasSocket, packet } = traits[name];
  const socket = hasSocket ? ["$sk->__sk_common.skc_net.net->ns.inum"] : [];
  if (packet === undefined) return { ports: ["((struct inet_sock *)arg0)->inet_sport", "$sk->__sk_common.skc_dport"], netns: socket };
  return { ports: ["$th->source", "$th->dest"], netns: isNetfilter(name) ? [netfilterNetns] : [...socket, deviceNetns] };
}
