/** The attributes behind an inet_diag_msg: INET_DIAG_* of include/uapi/linux/inet_diag.h, filled by net/ipv4/inet_diag.c and tcp_diag.c. */
import { ByteReader, type Endianness } from "../base/byteReader";
import { readAttributes, type NetlinkAttribute } from "../netlink/attributes";
import { align4 } from "../netlink/netlinkMessage";
import { ipv4Text, ipv6Text } from "../base/addressText";
import { readCongestionInfo, type CongestionInfo } from "./congestionInfo";
import { addressFamily, type Protocol } from "./protocols";
import { readSkMemory, readWords } from "./skMemory";
import type { SocketColumns } from "./socketColumns";
import { readMptcpInfo, readSctpInfo } from "./protocolInfo";
import { readTcpInfo, type TcpInfo } from "./tcpInfo";
import { readUlpInfo, type UlpInfo } from "./ulpInfo";

export interface InetAttributes {
  /** struct inet_diag_meminfo: rmem, wmem, fmem, tmem. */
  memory?: Readonly<Record<string, number>>;
  /** SK_MEMINFO_* by lower-case name; words newer than known as `word9`… */
  skMemory?: Readonly<Record<string, number>>;
  /** struct tcp_info, mptcp_info or sctp_info, by the kernel's names. */
  info?: TcpInfo;
  congestion?: string;
  congestionInfo?: CongestionInfo;
  tos?: number;
  trafficClass?: number;
  classId?: number;
  /** Bits: 1 receiving, 2 sending is shut down. */
  shutdown?: number;
  v6Only?: boolean;
  /** Of raw sockets. */
  protocol?: number;
  mark?: number;
  cgroupId?: bigint;
  /** Names of struct inet_diag_sockopt that are set. */
  options?: readonly string[];
  /** Peers with an MD5 key; the keys themselves are not kept. */
  md5?: readonly { readonly address: string; readonly prefixLength: number }[];
  ulp?: UlpInfo;
  /** SCTP: addresses of both sides, as `address:port`. */
  locals?: readonly string[];
  peers?: readonly string[];
  /** Bytes of socket storage of BPF programs. */
  bpfStorageBytes?: number;
  /** Types that are newer than this reader. */
  unknown?: readonly number[];
  /** What could not be read, in words. */
  damage?: string;
}

const memoryNames = ["rmem", "wmem", "fmem", "tmem"] as const;
const optionNames = [
  ["recverr", "is_icsk", "freebind", "hdrincl", "mc_loop", "transparent", "mc_all", "nodefrag"],
  ["bind_address_no_port", "recverr_rfc4884", "defer_connect"],
] as const;

type Read = (into: InetAttributes, reader: ByteReader, protocol: Protocol) => void;

/** By attribute number. 14 is padding; 12 and 13 are LOCALS and PEERS. */
const readers: Readonly<Record<number, Read>> = {
  1: (into, reader) => (into.memory = readWords(reader, memoryNames)),
  2: (into, reader, protocol) => readInfo(into, reader, protocol),
  3: (into, reader) => (into.congestionInfo = readCongestionInfo("vegas", reader)),
  4: (into, reader) => (into.congestion = reader.cstring()),
  5: (into, reader) => (into.tos = reader.u8()),
  6: (into, reader) => (into.trafficClass = reader.u8()),
  7: (into, reader) => (into.skMemory = readSkMemory(reader)),
  8: (into, reader) => (into.shutdown = reader.u8()),
  9: (into, reader) => (into.congestionInfo = readCongestionInfo("dctcp", reader)),
  10: (into, reader) => (into.protocol = reader.u8()),
  11: (into, reader) => (into.v6Only = reader.u8() !== 0),
  12: (into, reader) => (into.locals = socketAddresses(reader)),
  13: (into, reader) => (into.peers = socketAddresses(reader)),
  14: () => undefined,
  15: (into, reader) => (into.mark = reader.u32()),
  16: (into, reader) => (into.congestionInfo = readCongestionInfo("bbr", reader)),
  17: (into, reader) => (into.classId = reader.u32()),
  18: (into, reader) => (into.md5 = md5Peers(reader)),
  19: (into, reader) => (into.ulp = readUlpInfo(reader)),
  20: (into, reader) => (into.bpfStorageBytes = reader.length),
  21: (into, reader) => (into.cgroupId = reader.u64()),
  22: (into, reader) => (into.options = options(reader)),
};

/** Never throws: an attribute that cannot be read is named in `damage`, the others are kept. */
export function readInetAttributes(bytes: Uint8Array, endianness: Endianness, protocol: Protocol, where: string): InetAttributes {
  const into: InetAttributes = {};
  try {
    for (const attribute of readAttributes(bytes, endianness, where)) readOne(into, attribute, endianness, protocol, where);
  } catch (error) {
    into.damage = error instanceof Error ? error.message : String(error);
  }
  return into;
}

/** The payload of one attribute of an inet row, without decoding the others. undefined when there is none, or it is cut short. */
export function attributeAt(columns: SocketColumns, row: number, type: number): DataView | undefined {
  const tail = columns.tail(row);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const little = columns.endianness === "little";
  for (let at = 0; at + 4 <= tail.length; ) {
    const length = view.getUint16(at, little);
    if (length < 4 || length > tail.length - at) return undefined;
    if ((view.getUint16(at + 2, little) & 0x3fff) === type) {
      return length - 4 >= minimumSize(type) ? new DataView(tail.buffer, tail.byteOffset + at + 4, length - 4) : undefined;
    }
    at += align4(length);
  }
  return undefined;
}

const minimumSize = (type: number): number => (type === 21 ? 8 : type === 15 || type === 17 ? 4 : 0);

/** INET_DIAG_INFO is another struct for each protocol. */
function readInfo(into: InetAttributes, { bytes, endianness, where }: ByteReader, protocol: Protocol): void {
  if (protocol === "mptcp") into.info = readMptcpInfo(bytes, endianness, where);
  else if (protocol === "sctp") into.info = readSctpInfo(bytes, endianness, where);
  else into.info = readTcpInfo(bytes, endianness, where);
}

function readOne(into: InetAttributes, { type, payload }: NetlinkAttribute, endianness: Endianness, protocol: Protocol, where: string): void {
  const read = readers[type];
  if (!read) {
    into.unknown = [...(into.unknown ?? []), type];
    return;
  }
  try {
    read(into, new ByteReader(payload, endianness, `${where} attribute ${type}`), protocol);
  } catch (error) {
    into.damage = error instanceof Error ? `attribute ${type}: ${error.message}` : String(error);
  }
}

/** Bit fields of two bytes, from the low end on little-endian machines and from the high end on big-endian ones. */
function options(reader: ByteReader): string[] {
  return optionNames.flatMap((names) => {
    const byte = reader.remaining > 0 ? reader.u8() : 0;
    return names.filter((_, bit) => byte & (reader.endianness === "little" ? 1 << bit : 0x80 >> bit));
  });
}

/** struct tcp_diag_md5sig: u8 family, u8 prefix length, u16 key length, 16 bytes of address, 80 of key. */
function md5Peers(reader: ByteReader): { address: string; prefixLength: number }[] {
  const peers = [];
  while (reader.remaining >= 100) {
    const [family, prefixLength] = [reader.u8(), reader.u8()];
    const address = reader.skip(2).take(16);
    reader.skip(80);
    peers.push({ address: family === addressFamily.ipv4 ? ipv4Text(address) : ipv6Text(address), prefixLength });
  }
  return peers;
}

/** An array of struct sockaddr_storage, 128 bytes each. */
function socketAddresses(reader: ByteReader): string[] {
  const result: string[] = [];
  while (reader.remaining >= 128) {
    const entry = new ByteReader(reader.take(128), reader.endianness, reader.where);
    const family = entry.u16();
    const port = (entry.u8() << 8) | entry.u8();
    if (family === addressFamily.ipv4) result.push(`${ipv4Text(entry.take(4))}:${port}`);
    else result.push(family === addressFamily.ipv6 ? `[${ipv6Text(entry.skip(4).take(16))}]:${port}` : `address family ${family}`);
  }
  return result;
}
