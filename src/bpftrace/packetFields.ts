/** Headers of packets as the RFCs have them: 791, 8200, 9293. */
import type { Endianness } from "../base/byteReader";
import { readAt, type KernelFields } from "./kernelFields";
import { networkPort, networkWord } from "./networkOrder";
import type { Field } from "./recordProgram";
import type { TraceRecord } from "./traceRecord";
import { addressFields, addressOf } from "./addressFields";

/** `$skb` and `$head`: headers are found through skb->head, since skb->data moves. */
export const packetSetup = (argument: string, kernel: KernelFields): readonly string[] => [`$skb = ${argument}`, `$head = ${kernel.of("skb.head", "$skb")}`];

/** `$th`, after `packetSetup`: where the packet says that its transport header is. */
export const notedTransport = (kernel: KernelFields): string => `$th = $head + ${kernel.of("skb.transport_header", "$skb")}`;

/** `$th`, after `ipSetup`: behind the header of IP, since where it is not always noted yet, or not by raw sockets. */
export const countedTransport = (version: 4 | 6): string => `$th = $ip + ${version === 6 ? ipHeader.bytes6 : ipHeader.bytes4}`;

/** `$ip`: after `packetSetup`. */
export const ipSetup = (kernel: KernelFields): string => `$ip = $head + ${kernel.of("skb.network_header", "$skb")}`;

export const ipHeader = {
  transport4: readAt("uint8", "$ip", 9),
  transport6: readAt("uint8", "$ip", 6),
  /** Length of the header. */
  bytes6: 40,
  bytes4: `(((uint64)${readAt("uint8", "$ip", 0)} & 15) * 4)`,
} as const;

export const tcpHeader = { source: readAt("uint16", "$th", 0), dest: readAt("uint16", "$th", 2), flags: readAt("uint8", "$th", 13) } as const;

/** `$flags`: the byte of the TCP header with FIN in its lowest bit. */
export const flagsSetup = `$flags = ${tcpHeader.flags}`;

export const tcpFlag = { syn: 2, rst: 4, ack: 16 } as const;

export const portFields: readonly Field[] = [["psource", "%d", tcpHeader.source], ["pdest", "%d", tcpHeader.dest]];

export const tcpFields = (kernel: KernelFields): readonly Field[] => [
  ...portFields,
  ["netoff", "%d", kernel.of("skb.network_header", "$skb")],
  ["thoff", "%d", kernel.of("skb.transport_header", "$skb")],
  ["flags", "%d", "$flags"],
  ["doff", "%d", `${readAt("uint8", "$th", 12)} >> 4`],
  ["seq", "%u", readAt("uint32", "$th", 4)],
  ["ackseq", "%u", readAt("uint32", "$th", 8)],
];

/** Source and destination, by the header of IP. */
export const packetAddresses = (version: 4 | 6): readonly Field[] => {
  const [source, destination] = version === 4 ? [12, 16] : [8, 24];
  const read = (from: number) => (behind: number): string => readAt(version === 4 ? "uint32" : "uint64", "$ip", from + behind);
  return [...addressFields("psaddr", version, read(source)), ...addressFields("pdaddr", version, read(destination))];
};

/** What the header of IP says of the packet's length, and its addresses. */
export const ipFields = (version: 4 | 6): readonly Field[] => [["length", "%d", readAt("uint16", "$ip", version === 4 ? 2 : 4)], ...packetAddresses(version)];

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

/** The packet that `tcpFields` and `ipFields` of its version printed. */
export function tcpPacket(record: TraceRecord, version: 4 | 6, endianness: Endianness): TcpPacket {
  const length = networkPort(record.number("length"), endianness) + (version === 6 ? ipHeader.bytes6 : 0);
  const payload = length - (record.number("thoff") - record.number("netoff")) - record.number("doff") * 4;
  const { source, destination } = packetEnds(record, version, endianness);
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

export const packetEnds = (record: TraceRecord, version: 4 | 6, endianness: Endianness): Pick<TcpPacket, "source" | "destination"> => ({
  source: { address: addressOf(record, "psaddr", version, endianness), port: networkPort(record.number("psource"), endianness) },
  destination: { address: addressOf(record, "pdaddr", version, endianness), port: networkPort(record.number("pdest"), endianness) },
});
