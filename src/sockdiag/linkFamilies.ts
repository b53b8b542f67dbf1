/**
 * NETLINK, PACKET, VSOCK and XDP sockets: netlink_diag.h, packet_diag.h, vm_sockets_diag.h and xdp_diag.h of include/uapi/linux. Their requests
 * are alike (family, protocol, 16 bits of padding, [states,] inode, what to show, cookie), their answers are not. A row's
 * tail is the whole message here, since half of their fields have no columns.
 */
import { ByteReader, type Endianness } from "../base/byteReader";
import { DomainError } from "../base/errors";
import { readAttributes } from "../netlink/attributes";
import type { MessageBuffer } from "../netlink/dumpReader";
import { buildMessage, NLM_F_DUMP, NLM_F_REQUEST } from "../netlink/netlinkMessage";
import { SOCK_DIAG_BY_FAMILY } from "./inetDiagRequest";
import { addressFamily, protocolIndex } from "./protocols";
import { readSkMemory, readWords } from "./skMemory";
import type { SocketColumns } from "./socketColumns";
import { tcpStateNumbers } from "./tcpState";
import { writeRow, type RowFields } from "./writeRow";

export type LinkFamily = "netlink" | "packet" | "vsock" | "xdp";

/** Names and values of what only this family has. */
export interface LinkDetails {
  readonly fields: Readonly<Record<string, number | string>>;
  readonly memory?: Readonly<Record<string, number>>;
  readonly damage?: string;
}

type Value = number | string;
type ReadAttribute = (reader: ByteReader) => Readonly<Record<string, Value>>;

interface Layout {
  /** All that the family's header knows to ask for. */
  readonly show: number;
  readonly protocol: number;
  /** vsock alone takes a mask of states. */
  readonly hasStates?: boolean;
  readonly messageSize: number;
  fields(reader: ByteReader): Omit<RowFields, "protocol" | "family">;
  /** Of the fixed part, by name. */
  details?(reader: ByteReader): Readonly<Record<string, number>>;
  readonly attributes: Readonly<Record<number, ReadAttribute>>;
  readonly memoryAttribute?: number;
  readonly uidAttribute?: number;
}

const ring = (name: string): ReadAttribute => (reader) => prefixed(name, readWords(reader, ["block_size", "block_nr", "frame_size", "frame_nr", "retire_tmo", "sizeof_priv", "features"]));
const entries = (name: string): ReadAttribute => (reader) => ({ [`${name}_entries`]: reader.u32() });
const unconnected = tcpStateNumbers.unconnected;

const layouts: Readonly<Record<LinkFamily, Layout>> = {
  netlink: {
    show: 0xf,
    protocol: 0xff,
    messageSize: 28,
    fields: (reader) => {
      const type = reader.skip(1).u8();
      const local = reader.u8();
      const [localPort, remotePort] = [reader.skip(1).u32(), reader.u32()];
      return { type, state: unconnected, local, localPort, remotePort, inode: reader.skip(4).u32(), cookie: [reader.u32(), reader.u32()] };
    },
    details: (reader) => ({ dst_group: reader.skip(12).u32() }),
    attributes: {
      1: (reader) => ({ groups: groupsText(reader) }),
      2: ring("rx_ring"),
      3: ring("tx_ring"),
      4: (reader) => ({ flags: reader.u32() }),
    },
    memoryAttribute: 0,
  },
  packet: {
    show: 0x3f,
    protocol: 0,
    messageSize: 16,
    fields: (reader) => ({ type: reader.skip(1).u8(), state: unconnected, local: reader.u16(), inode: reader.u32(), cookie: [reader.u32(), reader.u32()] }),
    attributes: {
      0: (reader) => readWords(reader, ["ifindex", "version", "reserve", "copy_thresh", "tstamp", "flags"]),
      1: (reader) => ({ multicast_entries: Math.floor(reader.length / 44) }),
      2: ring("rx_ring"),
      3: ring("tx_ring"),
      4: (reader) => ({ fanout: reader.u32() }),
      7: (reader) => ({ filter_instructions: reader.length / 8 }),
    },
    uidAttribute: 5,
    memoryAttribute: 6,
  },
  vsock: {
    show: 0,
    protocol: 0,
    hasStates: true,
    messageSize: 32,
    fields: (reader) => {
      const [type, state] = [reader.skip(1).u8(), reader.u8()];
      const [local, localPort, remote, remotePort] = [reader.skip(1).u32(), reader.u32(), reader.u32(), reader.u32()];
      return { type, state, local, localPort, remote, remotePort, inode: reader.u32(), cookie: [reader.u32(), reader.u32()] };
    },
    details: (reader) => ({ shutdown: reader.skip(3).u8() }),
    attributes: {},
  },
  xdp: {
    show: 0x1f,
    protocol: 0,
    messageSize: 16,
    fields: (reader) => ({ type: reader.skip(1).u8(), state: unconnected, inode: reader.skip(2).u32(), cookie: [reader.u32(), reader.u32()] }),
    attributes: {
      1: (reader) => readWords(reader, ["ifindex", "queue_id"]),
      3: entries("rx_ring"),
      4: entries("tx_ring"),
      5: (reader) => ({ umem_size: reader.u64Number(), ...prefixed("umem", readWords(reader, ["id", "num_pages", "chunk_size", "headroom", "ifindex", "queue_id", "flags", "refs"])) }),
      6: entries("fill_ring"),
      7: entries("completion_ring"),
      9: (reader) => Object.fromEntries(["rx_dropped", "rx_invalid", "rx_full", "fill_ring_empty", "tx_invalid", "tx_ring_empty"].flatMap((name) => (reader.remaining >= 8 ? [[name, reader.u64Number()]] : []))),
    },
    uidAttribute: 2,
    memoryAttribute: 8,
  },
};

export function linkDumpRequestOf(family: LinkFamily, endianness: Endianness, sequence: number, states: number): Uint8Array {
  const { show, protocol, hasStates = false } = layouts[family];
  const payload = new Uint8Array(hasStates ? 24 : 20);
  const view = new DataView(payload.buffer);
  payload.set([addressFamily[family], protocol]);
  if (hasStates) view.setUint32(4, states, endianness === "little");
  view.setUint32(hasStates ? 12 : 8, show, endianness === "little");
  return buildMessage(endianness, { type: SOCK_DIAG_BY_FAMILY, flags: NLM_F_REQUEST | NLM_F_DUMP, sequence }, payload);
}

/** Writes a message behind the last row. @throws DomainError when it is cut short or of another family. */
export function readLinkFamilyMessage(family: LinkFamily, columns: SocketColumns, { bytes, where }: MessageBuffer, start: number, end: number): void {
  const layout = layouts[family];
  const reader = new ByteReader(bytes.subarray(start, end), columns.endianness, `${where}+0x${start.toString(16)}`);
  if (end - start < layout.messageSize) throw new DomainError("sockdiag/truncated", `${family}_diag_msg of ${end - start} bytes`, reader.where);
  if (bytes[start] !== addressFamily[family]) throw new DomainError("sockdiag/family", `${family}_diag_msg of family ${bytes[start] ?? 0}`, reader.where);
  const fields = layout.fields(reader);
  writeRow(columns, { protocol: protocolIndex(family), family: addressFamily[family], ...fields, ...attributeFields(layout, reader) });
  columns.setTail(bytes, start, end);
}

/** Queues as ss shows them (memory of the two queues), owner and interface. */
function attributeFields(layout: Layout, { bytes, endianness, where }: ByteReader): Partial<RowFields> {
  const fields: { -readonly [K in keyof RowFields]?: RowFields[K] } = {};
  for (const { type, payload } of readAttributes(bytes.subarray(layout.messageSize), endianness, where)) {
    const reader = new ByteReader(payload, endianness, where);
    if (type === layout.memoryAttribute) {
      const { rmem_alloc, wmem_alloc } = readSkMemory(reader);
      if (rmem_alloc !== undefined) fields.recvQ = rmem_alloc;
      if (wmem_alloc !== undefined) fields.sendQ = wmem_alloc;
    } else if (type === layout.uidAttribute) fields.uid = reader.u32();
    else {
      const index = layout.attributes[type]?.(reader)["ifindex"];
      if (typeof index === "number") fields.interfaceIndex = index;
    }
  }
  return fields;
}

/** Of the tail of a row. Never throws: what is damaged is named. */
export function readLinkDetails(family: LinkFamily, tail: Uint8Array, endianness: Endianness): LinkDetails {
  const layout = layouts[family];
  const fields: Record<string, number | string> = {};
  let memory: Readonly<Record<string, number>> | undefined;
  let damage: string | undefined;
  try {
    Object.assign(fields, layout.details?.(new ByteReader(tail, endianness, family)));
    for (const { type, payload } of readAttributes(tail.subarray(layout.messageSize), endianness, family)) {
      const reader = new ByteReader(payload, endianness, family);
      if (type === layout.memoryAttribute) memory = readSkMemory(reader);
      else if (type !== layout.uidAttribute) Object.assign(fields, layout.attributes[type]?.(reader) ?? { [`attribute_${type}_bytes`]: payload.length });
    }
  } catch (error) {
    damage = error instanceof Error ? error.message : String(error);
  }
  return { fields, ...(memory && { memory }), ...(damage !== undefined && { damage }) };
}

function prefixed(name: string, values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${name}_${key}`, value]));
}

/**
 * Numbers of the multicast groups, from a bitmap whose first bit is group 1. It is made of unsigned longs, so with 64-bit ones of a big-endian machine the
 * 32-bit words stand the other way round. A big-endian machine of 32 bits is taken for one of those when its words are even in number: the bytes do not tell.
 */
function groupsText(reader: ByteReader): string {
  const groups: number[] = [];
  const words = Array.from({ length: Math.floor(reader.length / 4) }, () => reader.u32());
  const swapped = reader.endianness === "big" && words.length % 2 === 0 ? 1 : 0;
  words.forEach((word, at) => {
    for (let bit = 0; bit < 32; bit++) if ((word >>> bit) & 1) groups.push((at ^ swapped) * 32 + bit + 1);
  });
  return groups.sort((a, b) => a - b).join(" ");
}
