/**
 * The packet that provoked a reset, as far as fetch arguments reach it. They follow pointers but cannot add one field to another, so the TCP header is looked
 * for where skb->data points, as it does while a socket is being sought (tcp_v4_rcv, tcp_v6_rcv), and the addresses right before it. Whether the headers were there
 * is told by their offsets, which are fetched as well; a packet with IP options or extension headers is left unknown.
 */
import type { Endianness } from "../../base/byteReader";
import { networkPort, networkWord } from "../../bpftrace/networkOrder";
import { flagsOf, type TcpPacket } from "../../bpftrace/packetFields";
import type { Btf } from "../../btf/btf";
import { fieldPlace } from "../../btf/fieldPlace";
import { ipv4OfWord, ipv6Text } from "../../base/addressText";
import { fetchHalves, halvesOf, numberOf, pointerOf, type FetchedFields } from "./fetchedFields";

/** Bytes of an IP header without options. */
const ipHeader = { 4: 20, 6: 40 } as const;

const tcpFields = [["psource", 0, "u16"], ["pdest", 2, "u16"], ["seq", 4, "u32"], ["ackseq", 8, "u32"], ["doff", 12, "u8"], ["flags", 13, "u8"]] as const;

/** @param argument which argument, from 0, is the packet */
export function packetFetch(types: Btf, argument: number, version: 4 | 6): readonly string[] {
  const [head, data, transport, network] = ["head", "data", "transport_header", "network_header"].map((name) => fieldPlace(types, "sk_buff", name));
  if (head === undefined || data === undefined || transport === undefined || network === undefined) return [];
  const packet = `$arg${argument + 1}`;
  const at = (behind: number): string => `${behind < 0 ? "" : "+"}${behind}(+${data}(${packet}))`;
  return [
    `phead=+${head}(${packet}):x64`, `pdata=+${data}(${packet}):x64`, `thoff=+${transport}(${packet}):u16`, `netoff=+${network}(${packet}):u16`,
    ...tcpFields.map(([name, behind, type]) => `${name}=${at(behind)}:${type}`),
    ...(version === 4
      ? [`length=${at(-18)}:u16`, `psaddr=${at(-8)}:u32`, `pdaddr=${at(-4)}:u32`]
      : [`length=${at(-36)}:u16`, ...fetchHalves("psaddr", (behind) => at(behind - 32)), ...fetchHalves("pdaddr", (behind) => at(behind - 16))]),
  ];
}

/** undefined where the headers were not at the place they were read from. */
export function fetchedPacket(fields: FetchedFields, version: 4 | 6, endianness: Endianness): TcpPacket | undefined {
  const number = (name: string): number => numberOf(fields, name);
  const [head, data] = [pointerOf(fields, "phead"), pointerOf(fields, "pdata")];
  if (head === undefined || data === undefined || data - head !== BigInt(number("thoff")) || number("thoff") - number("netoff") !== ipHeader[version]) return undefined;
  const [source, destination] = [addressOf(fields, "psaddr", version, endianness), addressOf(fields, "pdaddr", version, endianness)];
  if (source === undefined || destination === undefined) return undefined;
  const payload = networkPort(number("length"), endianness) - (version === 4 ? ipHeader[4] : 0) - (number("doff") >> 4) * 4;
  return {
    source: { address: source, port: networkPort(number("psource"), endianness) },
    destination: { address: destination, port: networkPort(number("pdest"), endianness) },
    flags: flagsOf(number("flags")),
    seq: networkWord(number("seq"), endianness),
    ack: networkWord(number("ackseq"), endianness),
    ...(payload >= 0 ? { payload } : {}),
  };
}

function addressOf(fields: FetchedFields, name: string, version: 4 | 6, endianness: Endianness): string | undefined {
  if (version === 4) return fields.has(name) ? ipv4OfWord(networkWord(numberOf(fields, name), endianness)) : undefined;
  const bytes = halvesOf(fields, name, endianness);
  return bytes && ipv6Text(bytes);
}
