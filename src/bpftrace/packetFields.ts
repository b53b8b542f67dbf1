import type { Endianness } from "../base/byteReader";
import { networkPort, networkWord } from "./networkOrder";
import type { Field } from "./recordProgram";
import type { TraceRecord } from "./traceRecord";

/** Headers of a packet: `$skb` and `$th`. They are found through skb->head, since skb->data moves. */
export const packetSetup = (argument: string): readonly string[] => [`$skb = (struct sk_buff *)${argument}`, "$head = $skb->head", "$th = (struct tcphdr *)($head + $skb->transport_header)"];

/** `$ip`: after `packetSetup`. */
export const ipSetup = "$ip = $head + $skb->network_header";

/** The byte of the TCP header with FIN in its lowest bit. One look, where each flag by its name would be one of its own. */
export const flagsSetup = "$flags = *(uint8 *)((uint64)$th + 13)";

export const tcpFlag = { syn: 2, rst: 4, ack: 16 } as const;

export const tcpFields: readonly Field[] = [
  ["psource", "%d", "$th->source"],
  ["pdest", "%d", "$th->dest"],
  ["netoff", "%d", "$skb->network_header"],
  ["thoff", "%d", "$skb->transport_header"],
  ["flags", "%d", "$flags"],
  ["doff", "%d", "$th->doff"],
  ["seq", "%u", "$th->seq"],
  ["ackseq", "%u", "$th->ack_seq"],
];

/** saddr and daddr by their place in the headers: the fields moved into a group of their own in 5.17, which old versions cannot look into. */
export const ipv4Addresses: readonly Field[] = [
  ["length", "%d", "((struct iphdr *)$ip)->tot_len"],
  ["psaddr", "%s", "ntop(((struct in_addr *)($ip + 12))->s_addr)"],
  ["pdaddr", "%s", "ntop(((struct in_addr *)($ip + 16))->s_addr)"],
];

export const ipv6Addresses: readonly Field[] = [
  ["length", "%d", "((struct ipv6hdr *)$ip)->payload_len"],
  ["psaddr", "%s", "ntop(((struct in6_addr *)($ip + 8))->in6_u.u6_addr8)"],
  ["pdaddr", "%s", "ntop(((struct in6_addr *)($ip + 24))->in6_u.u6_addr8)"],
];

export interface TcpPacket {
  readonly source: { readonly address: string; readonly port: number };
  readonly destination: { readonly address: string; readonly port: number };
  /** In the header's order: FIN, SYN, RST, PSH, ACK, URG. */
  readonly flags: readonly string[];
  readonly seq: number;
  readonly ack: number;
  /** Bytes of data. undefined when the headers do not say. */
  readonly payload?: number;
}

const flagNames = ["FIN", "SYN", "RST", "PSH", "ACK", "URG"] as const;

/** The packet that `tcpFields` and the addresses of its version printed. */
export function tcpPacket(record: TraceRecord, isIpv6: boolean, endianness: Endianness): TcpPacket {
  const length = networkPort(record.number("length"), endianness) + (isIpv6 ? 40 : 0);
  const payload = length - (record.number("thoff") - record.number("netoff")) - record.number("doff") * 4;
  const { source, destination } = packetEnds(record, endianness);
  const packet = {
    source, destination,
    flags: flagsOf(record.number("flags")),
    seq: networkWord(record.number("seq"), endianness),
    ack: networkWord(record.number("ackseq"), endianness),
  };
  return payload >= 0 ? Object.assign(packet, { payload }) : packet;
}

/** From the byte of the header: the lowest bit is FIN. */
export const flagsOf = (byte: number): readonly string[] => flagSets[byte & 63] ?? [];

const flagSets = Array.from({ length: 64 }, (_, byte) => flagNames.filter((_name, bit) => (byte >> bit) & 1));

export const packetEnds = (record: TraceRecord, endianness: Endianness): Pick<TcpPacket, "source" | "destination"> => ({
  source: { address: record.text("psaddr"), port: networkPort(record.number("psource"), endianness) },
  destination: { address: record.text("pdaddr"), port: networkPort(record.number("pdest"), endianness) },
});
