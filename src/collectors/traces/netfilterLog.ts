/**
 * What the kernel log says of packets: `PREFIX IN=v0 OUT= MAC=… SRC=… DST=… LEN=44 … PROTO=TCP SPT=… DPT=… SEQ=… ACK=… WINDOW=… RES=0x00 ACK PSH URGP=0`,
 * written by nf_log_ip_packet and nf_log_ip6_packet (net/netfilter/nf_log_syslog.c). The prefix is the rule's, or conntrack's own `nf_ct_proto_6: REASON `
 * (nf_l4proto_log_invalid, net/netfilter/nf_conntrack_proto.c); before 5.2 it was `nf_ct_tcp: REASON `. An ICMP error quotes a second packet in brackets.
 */
import { ipv4Text, ipv6Text, parseAddress } from "../../base/addressText";
import type { LoggedPacket } from "./invalidModel";
import { transportName } from "./protocolNames";

/** One record of /dev/kmsg (Documentation/ABI/testing/dev-kmsg). */
export interface KernelLogRecord {
  readonly sequence: number;
  /** Microseconds of the kernel's log clock. */
  readonly time: number;
  readonly text: string;
}

export interface PacketLine {
  /** What stands before the packet. */
  readonly prefix: string;
  readonly packet: LoggedPacket;
}

/** @returns undefined for what is no first line of a record, such as the properties that may follow one */
export function parseKernelLogRecord(line: string): KernelLogRecord | undefined {
  const match = /^\d+,(\d{1,15}),(\d{1,15}),[^;]*;(.*)$/.exec(line);
  return match ? { sequence: Number(match[1]), time: Number(match[2]), text: match[3] ?? "" } : undefined;
}

/** @returns undefined for a line that is not of a packet */
export function parsePacketLine(text: string): PacketLine | undefined {
  const match = /^(.*?)IN=(\S*) OUT=(\S*) (.*)$/.exec(text);
  if (!match) return undefined;
  const [, prefix = "", deviceIn, deviceOut, rest = ""] = match;
  const [outer = ""] = rest.split(" [");
  const packet = packetOf(outer.split(" "), deviceIn, deviceOut);
  return packet && { prefix, packet };
}

/** The reason in conntrack's own prefix; undefined: the line is not conntrack's. */
export const conntrackReason = (prefix: string): string | undefined => /^nf_ct_(?:proto_\d+|[a-z0-9]+): (.*?) *$/.exec(prefix)?.[1];

/** What two lines of one and the same packet agree in. */
export const packetKey = ({ source, destination, transport, seq, id, length }: LoggedPacket): string =>
  [source.address, source.port, destination.address, destination.port, transport, seq, id, length].join(" ");

function packetOf(words: readonly string[], deviceIn: string | undefined, deviceOut: string | undefined): LoggedPacket | undefined {
  const fields = fieldsOf(words);
  const [source, destination] = [addressOf(fields.get("SRC")), addressOf(fields.get("DST"))];
  const protocol = fields.get("PROTO");
  if (source === undefined || destination === undefined || protocol === undefined || protocol === "") return undefined;
  const transport = /^\d{1,3}$/.test(protocol) ? transportName(Number(protocol)) : protocol;
  const number = (key: string, name: string): object => {
    const value = fields.get(name);
    return value !== undefined && /^\d{1,10}$/.test(value) ? { [key]: Number(value) } : {};
  };
  return {
    source: { address: source, ...number("port", "SPT") },
    destination: { address: destination, ...number("port", "DPT") },
    transport,
    ...(transport === "TCP" ? { flags: flagsOf(words), ...number("seq", "SEQ"), ...number("ack", "ACK") } : {}),
    ...number("id", "ID"),
    ...number("length", "LEN"),
    ...(deviceIn ? { deviceIn } : {}),
    ...(deviceOut ? { deviceOut } : {}),
  };
}

/** UDP has a length of its own behind that of IP: the first one counts. */
function fieldsOf(words: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const word of words) {
    const at = word.indexOf("=");
    const name = word.slice(0, at);
    if (at > 0 && !fields.has(name)) fields.set(name, word.slice(at + 1));
  }
  return fields;
}

const tcpFlags = ["CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"];

/** They stand behind the reserved bits; words without `=` before that are of the IP header. */
const flagsOf = (words: readonly string[]): readonly string[] => words.slice(words.findIndex((word) => word.startsWith("RES=")) + 1).filter((word) => tcpFlags.includes(word));

/** IPv6 addresses are logged at full length. */
function addressOf(text: string | undefined): string | undefined {
  const bytes = text === undefined ? undefined : parseAddress(text);
  if (!bytes) return undefined;
  return bytes.length === 4 ? ipv4Text(bytes) : ipv6Text(bytes);
}
