import type { Endianness } from "../base/byteReader";
import { networkPort, networkWord } from "./networkOrder";
import type { Field } from "./recordProgram";
import type { TraceRecord } from "./recordReader";

/** Headers of a packet: `$skb`, `$ip` and `$th`. They are found through skb->head, since skb->data moves. */
export const packetSetup = (argument: string): readonly string[] => [
  `$skb = (struct sk_buff *)${argument}`,
  "$th = (struct tcphdr *)($skb->head + $skb->transport_header)",
  "$ip = $skb->head + $skb->network_header",
];

/** Ports stand in the same place in TCP, UDP, SCTP and DCCP. */
export const portFields: readonly Field[] = [
  ["psource", "%d", "$th->source"],
  ["pdest", "%d", "$th->dest"],
  ["netoff", "%d", "$skb->network_header"],
  ["thoff", "%d", "$skb->transport_header"],
];

export const tcpFlagFields: readonly Field[] = [
  ["fin", "%d", "$th->fin"],
  ["syn", "%d", "$th->syn"],
  ["rst", "%d", "$th->rst"],
  ["psh", "%d", "$th->psh"],
  ["ack", "%d", "$th->ack"],
  ["urg", "%d", "$th->urg"],
];

export const tcpFields: readonly Field[] = [
  ...portFields,
  ...tcpFlagFields,
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
  const { number } = record;
  const length = networkPort(number("length"), endianness) + (isIpv6 ? 40 : 0);
  const payload = length - (number("thoff") - number("netoff")) - number("doff") * 4;
  return {
    ...packetEnds(record, endianness),
    flags: tcpFlags(record),
    seq: networkWord(number("seq"), endianness),
    ack: networkWord(number("ackseq"), endianness),
    ...(payload >= 0 ? { payload } : {}),
  };
}

export const tcpFlags = ({ number }: TraceRecord): readonly string[] => flagNames.filter((name) => number(name.toLowerCase()) === 1);

/** From the byte of the header: the lowest bit is FIN. */
export const flagsOf = (byte: number): readonly string[] => flagNames.filter((_, bit) => (byte >> bit) & 1);

export const packetEnds = ({ text, number }: TraceRecord, endianness: Endianness): Pick<TcpPacket, "source" | "destination"> => ({
  source: { address: text("psaddr"), port: networkPort(number("psource"), endianness) },
  destination: { address: text("pdaddr"), port: networkPort(number("pdest"), endianness) },
});
