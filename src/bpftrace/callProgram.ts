/**
 * A probe of any function of the kernel. Arguments are the first six integer registers by the kernel's own prototype; what a socket or a packet
 * among them points to is printed as well, and the bytes of an address. The stack parts budgets here, since nothing else tells one call from another.
 */
import type { Endianness } from "../base/byteReader";
import { addressWords, type KernelStructs } from "./kernelStructs";
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
  readonly structs: KernelStructs;
}

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

export function callProbe({ function: name, parameters = [], filter, endianness, structs }: CallProgramOptions): RecordProbe {
  const { socket, packet, address } = knownArguments(parameters);
  const hasNetns = structs.has("kn_net.inum") && structs.has("kn_sock.net");
  const raw = parameters.slice(0, mostArguments).map((_, index): Field => [`arg${index}`, "%llx", `arg${index}`]);
  const setup = [
    ...(socket === undefined ? [] : [`$sk = (struct kn_sock *)arg${socket}`]),
    ...(address === undefined ? [] : [`$sa = (struct kn_address *)arg${address}`]),
    ...(packet === undefined ? [] : [`$skb = (struct kn_skb *)arg${packet}`, "$ip = $skb->head + $skb->network_header", "$th = (struct kn_tcp *)($ip + (((uint64)((struct kn_ip4 *)$ip)->start & 15) * 4))"]),
  ];
  const ofSocket: readonly Field[] = socket === undefined ? [] : [
    ["family", "%d", "$sk->family"], ["state", "%d", "$sk->state"], ["num", "%d", "$sk->num"], ["dport", "%d", "$sk->dport"],
    ["local4", "%s", "ntop($sk->saddr)"], ["remote4", "%s", "ntop($sk->daddr)"],
    ...(hasNetns ? [["netns", "%u", "$sk->net->inum"]] as const : []),
  ];
  const ofPacket: readonly Field[] = packet === undefined ? [] : [
    ["protocol", "%d", "$skb->protocol"], ["transport", "%d", "((struct kn_ip4 *)$ip)->protocol"], ["psource", "%d", "$th->source"], ["pdest", "%d", "$th->dest"], ["flags", "%d", "$th->flags"],
    ["psaddr", "%s", "ntop(((struct kn_ip4 *)$ip)->source)"], ["pdaddr", "%s", "ntop(((struct kn_ip4 *)$ip)->dest)"],
  ];
  const ofAddress: readonly Field[] = address === undefined ? [] : addressWords.map((word) => [word, "%llx", `$sa->${word}`]);
  const ports = [...(socket === undefined ? [] : ["$sk->dport"]), ...(packet === undefined ? [] : ["$th->source", "$th->dest"])];
  return {
    attach: `kprobe:${name}`,
    setup,
    conditions: filterConditions(filter, { ports, ...(socket !== undefined && hasNetns ? { netns: ["$sk->net->inum"] } : {}) }, endianness),
    shapes: [{ name: "call", fields: [...raw, ...ofSocket, ...ofPacket, ...ofAddress] }],
    key: [],
    stackInKey: true,
  };
}
