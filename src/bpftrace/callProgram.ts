/**
 * A probe of any function of the kernel. Arguments are the first six integer registers by the kernel's own prototype; what a socket or a packet
 * among them points to is printed as well, and the bytes of an address. The stack parts budgets here, since nothing else tells one call from another.
 */
import type { Endianness } from "../base/byteReader";
import { readAt, type KernelFields } from "./kernelFields";
import { countedTransport, ipHeader, ipSetup, packetAddresses, packetSetup, portFields, tcpHeader } from "./packetFields";
import type { Field, RecordProbe } from "./recordProgram";
import { filterConditions, type TraceFilter } from "./traceFilter";

export interface CallParameter {
  readonly name: string;
  /** As in C. */
  readonly type: string;
}

export interface CallProgramOptions {
  readonly function: string;
  /** undefined: not known, as of functions that the compiler changed (`.isra.0`). */
  readonly parameters?: readonly CallParameter[];
  readonly filter: TraceFilter;
  readonly endianness: Endianness;
  readonly kernel: KernelFields;
}

/** As much of a socket's address as a program prints: one of IPv4 or IPv6 in full, of a UNIX path 62 bytes. */
export const sockaddrWords = ["word0", "word1", "word2", "word3", "word4", "word5", "word6", "word7"] as const;

/** Arguments in registers that every architecture has. */
const mostArguments = 6;

const isSocket = ({ type }: CallParameter): boolean => /\bstruct (?:sock|tcp_sock|inet_sock|inet_connection_sock|udp_sock) \*$/.test(type);
const isPacket = ({ type }: CallParameter): boolean => /\bstruct sk_buff \*$/.test(type);

/** Of any family: `sockaddr`, `sockaddr_in6`, `sockaddr_unsized` (since 6.19). */
const isAddress = ({ type }: CallParameter): boolean => /\bstruct sockaddr(?:_\w+)? \*$/.test(type);

/** Which of the parameters is the socket, and which the packet, whose ends are told, and which the address. */
export function knownArguments(parameters: readonly CallParameter[]): { readonly socket?: number; readonly packet?: number; readonly address?: number } {
  const first = parameters.slice(0, mostArguments);
  const [socket, packet, address] = [isSocket, isPacket, isAddress].map((is) => first.findIndex(is)) as [number, number, number];
  return { ...(socket < 0 ? {} : { socket }), ...(packet < 0 ? {} : { packet }), ...(address < 0 ? {} : { address }) };
}

export function callProbe({ function: name, parameters = [], filter, endianness, kernel }: CallProgramOptions): RecordProbe {
  const { socket, packet, address } = knownArguments(parameters);
  const raw = parameters.slice(0, mostArguments).map((_, index): Field => [`arg${index}`, "%llx", `arg${index}`]);
  const netns = socket !== undefined && kernel.has("net.inum", "sock.net") ? [kernel.of("net.inum", kernel.of("sock.net", "$sk"))] : [];
  const ports = [...(socket === undefined ? [] : [kernel.of("sock.dport", "$sk")]), ...(packet === undefined ? [] : [tcpHeader.source, tcpHeader.dest])];
  return {
    attach: `kprobe:${name}`,
    setup: [
      ...(socket === undefined ? [] : [`$sk = arg${socket}`]),
      ...(packet === undefined ? [] : [...packetSetup(`arg${packet}`, kernel), ipSetup(kernel), countedTransport(4)]),
    ],
    conditions: filterConditions(filter, { ports, netns }, endianness),
    shapes: [{ name: "call", fields: [...raw, ...(socket === undefined ? [] : socketFields(kernel, netns)), ...(packet === undefined ? [] : packetFields(kernel)), ...(address === undefined ? [] : sockaddrFields(`arg${address}`))] }],
    key: [],
    stackInKey: true,
  };
}

const socketFields = (kernel: KernelFields, netns: readonly string[]): readonly Field[] => [
  ["family", "%d", kernel.of("sock.family", "$sk")], ["state", "%d", kernel.of("sock.state", "$sk")], ["num", "%d", kernel.of("sock.num", "$sk")], ["dport", "%d", kernel.of("sock.dport", "$sk")],
  ["local4", "%s", `ntop(${kernel.of("sock.saddr", "$sk")})`], ["remote4", "%s", `ntop(${kernel.of("sock.daddr", "$sk")})`],
  ...netns.map((place): Field => ["netns", "%u", place]),
];

const packetFields = (kernel: KernelFields): readonly Field[] => [
  ["protocol", "%d", kernel.of("skb.protocol", "$skb")], ["transport", "%d", ipHeader.transport4], ...portFields, ["flags", "%d", tcpHeader.flags], ...packetAddresses(4),
];

/** struct sockaddr: its places never change. */
const sockaddrFields = (argument: string): readonly Field[] => sockaddrWords.map((word, index) => [word, "%llx", readAt("uint64", argument, 8 * index)]);
