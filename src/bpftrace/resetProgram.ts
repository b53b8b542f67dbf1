/**
 * Probes of every place where this host sends an RST. tcp_v4_send_reset and tcp_v6_send_reset (net/ipv4/tcp_ipv4.c,
 * net/ipv6/tcp_ipv6.c) answer a packet, tcp_send_active_reset (net/ipv4/tcp_output.c) needs none; nf_send_reset and nf_send_reset6
 * (net/ipv4/netfilter/nf_reject_ipv4.c and its sibling) do it for REJECT rules, past TCP. When that is asked for, also those it receives, and those that leave past TCP.
 *
 * In the paths of __tcp_close the state is already CLOSE and skc_num zero when the RST goes out: inet_sport and the facts about lingering and
 * orphaning tell those paths apart. The header is found through skb->head, since skb->data moves.
 */
import type { Endianness } from "../base/byteReader";
import { addressFields } from "./addressFields";
import type { KernelFields } from "./kernelFields";
import { countedTransport, flagsSetup, ipFields, ipHeader, ipSetup, notedTransport, packetSetup, tcpFields, tcpFlag, tcpHeader } from "./packetFields";
import type { Field, RecordProbe } from "./recordProgram";
import { filterConditions, type TraceFilter } from "./traceFilter";

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
}

export interface ResetProgramOptions {
  readonly filter: TraceFilter;
  readonly endianness: Endianness;
  readonly kernel: KernelFields;
}

const netnsOf = (kernel: KernelFields, socket: string): string => kernel.of("net.inum", kernel.of("sock.net", socket));
const deviceNetns = (kernel: KernelFields): string => kernel.of("net.inum", kernel.of("dev.net", kernel.of("skb.dev", "$skb")));
const netfilterNetns = (kernel: KernelFields): string => kernel.of("net.inum", "arg0");

const socketFields = (kernel: KernelFields): readonly Field[] => [
  ["sk", "%llx", "arg0"],
  ["family", "%d", kernel.of("sock.family", "$sk")],
  ["state", "%d", kernel.of("sock.state", "$sk")],
  ["num", "%d", kernel.of("sock.num", "$sk")],
  ["sport", "%d", kernel.of("inet.sport", "$sk")],
  ["dport", "%d", kernel.of("sock.dport", "$sk")],
  ["shutdown", "%d", kernel.of("sock.shutdown", "$sk")],
  ["owner", "%llx", kernel.of("sock.socket", "$sk")],
  ["linger2", "%d", kernel.of("tcp.linger2", "$sk")],
  ["substate", "%d", kernel.of("timewait.substate", "$sk")],
  ["netns", "%u", netnsOf(kernel, "$sk")],
];

const socketAddresses = (version: 4 | 6, kernel: KernelFields): readonly Field[] => {
  const [local, remote] = version === 4 ? (["sock.saddr", "sock.daddr"] as const) : (["sock.saddr6", "sock.daddr6"] as const);
  return [
    ...addressFields(`local${version}`, version, (behind) => kernel.word(local, "$sk", behind)),
    ...addressFields(`remote${version}`, version, (behind) => kernel.word(remote, "$sk", behind)),
  ];
};

function fieldsOf({ function: name }: ResetProbe, kernel: KernelFields): readonly Field[] {
  const { version, hasSocket, packet } = traits[name];
  return [
    ...(hasSocket ? [...socketFields(kernel), ...(version === 6 ? [] : socketAddresses(4, kernel)), ...(version === 4 ? [] : socketAddresses(6, kernel))] : []),
    ...(isNetfilter(name) ? [["netns", "%u", netfilterNetns(kernel)]] as const : []),
    ...(packet === undefined ? [] : [...tcpFields(kernel), ["devnetns", "%u", deviceNetns(kernel)] as const, ...ipFields(version ?? 4)]),
    // IPv6 lets go of the entry before TCP sees the packet, so its absence means nothing there.
    ...(kernel.has("skb.nfct") && name === "tcp_v4_send_reset" ? [["nfct", "%llx", kernel.of("skb.nfct", "$skb")]] as const : []),
  ];
}

/** Probes for functions that the kernel has: IPv6 and REJECT may be modules that are not loaded. */
export const resetProbes = (probes: readonly ResetProbe[], options: ResetProgramOptions): readonly RecordProbe[] => probes.map((probe) => resetProbe(probe, options));

function resetProbe(probe: ResetProbe, { filter, endianness, kernel }: ResetProgramOptions): RecordProbe {
  const name = probe.function;
  const { hasSocket } = traits[name];
  const reason = probe.reasonArgument === undefined ? "-1" : `arg${probe.reasonArgument}`;
  return {
    attach: `kprobe:${name}`,
    setup: [...(hasSocket ? ["$sk = arg0"] : []), ...headerSetup(probe, kernel)],
    conditions: [...packetConditions(name, kernel), ...filterConditions(filter, placesOf(name, kernel), endianness)],
    ...(hasPacket(name) && !isPassing(name) ? { details: [ipSetup(kernel)] } : {}),
    shapes: [{ name, fields: [...fieldsOf(probe, kernel), ["reason", "%d", reason]] }],
    key: keyOf(name, kernel),
  };
}

function headerSetup(probe: ResetProbe, kernel: KernelFields): readonly string[] {
  const [name, argument] = [probe.function, packetArgumentOf(probe)];
  if (argument === undefined) return [];
  const setup = packetSetup(`arg${argument}`, kernel);
  return isPassing(name) ? [...setup, ipSetup(kernel), countedTransport(versionOf(name) ?? 4), flagsSetup] : [...setup, notedTransport(kernel), flagsSetup];
}

const tcp = 6;
const rawType = 3;

/**
 * A reset is never answered by one: the functions are called, and return. The kernel's own resets leave through a raw socket as well, but through one that no
 * file stands for.
 */
function packetConditions(name: ResetFunction, kernel: KernelFields): readonly string[] {
  if (!isPassing(name)) return hasPacket(name) ? [`($flags & ${tcpFlag.rst}) == 0`] : [];
  const protocol = versionOf(name) === 6 ? ipHeader.transport6 : ipHeader.transport4;
  const fromRaw = [`${kernel.of("sock.type", "arg1")} == ${rawType}`, `${kernel.of("socket.file", kernel.of("sock.socket", "arg1"))} != 0`];
  return [`${protocol} == ${tcp}`, `($flags & ${tcpFlag.rst}) != 0`, ...(isOutput(name) ? fromRaw : [])];
}

function keyOf(name: ResetFunction, kernel: KernelFields): RecordProbe["key"] {
  const { hasSocket, packet } = traits[name];
  if (isPassing(name)) return [[tcpHeader.source, 16]];
  const state = hasSocket ? kernel.of("sock.state", "$sk") : "0";
  return packet === undefined ? [[state, 8], [kernel.of("inet.sport", "$sk"), 16]] : [[state, 8], [tcpHeader.dest, 16], [`(uint64)$flags & ${tcpFlag.syn | tcpFlag.ack}`, 8]];
}

function placesOf(name: ResetFunction, kernel: KernelFields): Parameters<typeof filterConditions>[1] {
  const { hasSocket, packet } = traits[name];
  const socket = hasSocket && kernel.has("net.inum", "sock.net") ? [netnsOf(kernel, "$sk")] : [];
  if (packet === undefined) return { ports: [kernel.of("inet.sport", "$sk"), kernel.of("sock.dport", "$sk")], netns: socket };
  const device = kernel.has("net.inum", "dev.net") ? [deviceNetns(kernel)] : [];
  return { ports: [tcpHeader.source, tcpHeader.dest], netns: isNetfilter(name) ? [netfilterNetns(kernel)] : [...socket, ...device] };
}
