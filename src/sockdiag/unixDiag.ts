/** AF_UNIX sockets: struct unix_diag_req and unix_diag_msg, include/uapi/linux/unix_diag.h; filled by net/unix/diag.c. */
import { ByteReader, type Endianness } from "../base/byteReader";
import { DomainError } from "../base/errors";
import { readAttributes } from "../netlink/attributes";
import type { MessageBuffer } from "../netlink/dumpReader";
import { buildMessage, NLM_F_DUMP, NLM_F_REQUEST } from "../netlink/netlinkMessage";
import { SOCK_DIAG_BY_FAMILY } from "./inetDiagRequest";
import { addressFamily, protocolIndex } from "./protocols";
import { readSkMemory } from "./skMemory";
import type { SocketColumns } from "./socketColumns";
import { writeRow } from "./writeRow";

/** What only unix sockets have. */
export interface UnixAttributes {
  /** A path, `@name` for an abstract address with further NULs as `@`, undefined when not bound. */
  name?: string;
  /** Inode and device of the file the socket is bound to. */
  file?: { readonly inode: number; readonly device: number };
  peerInode?: number;
  /** Inodes of the connecting sockets that wait in a listener. */
  pending?: readonly number[];
  skMemory?: Readonly<Record<string, number>>;
  shutdown?: number;
  /** Types that are newer than this reader. */
  unknown?: readonly number[];
  /** What could not be read, in words. */
  damage?: string;
}

const REQUEST_SIZE = 24;
const MESSAGE_SIZE = 16;
const show = { name: 1, file: 2, peer: 4, pending: 8, queues: 16, memory: 32, uid: 64 } as const;
const RQLEN = 4;
const UID = 7;

/** `details` asks for what only somebody who looks at one socket wants. A kernel without UID ignores its bit. */
export function unixDumpRequest(endianness: Endianness, sequence: number, states: number, details: boolean): Uint8Array {
  const payload = new Uint8Array(REQUEST_SIZE);
  const view = new DataView(payload.buffer);
  payload[0] = addressFamily.unix;
  view.setUint32(4, states, endianness === "little");
  view.setUint32(12, show.name | show.peer | show.queues | show.uid | (details ? show.file | show.pending | show.memory : 0), endianness === "little");
  return buildMessage(endianness, { type: SOCK_DIAG_BY_FAMILY, flags: NLM_F_REQUEST | NLM_F_DUMP, sequence }, payload);
}

/**
 * Writes a message behind the last row: queues and owner into columns, the attributes as its tail.
 * @throws DomainError when the message or an attribute is cut short.
 */
export function readUnixDiagMessage(columns: SocketColumns, { bytes, view, where }: MessageBuffer, start: number, end: number): void {
  const place = `${where}+0x${start.toString(16)}`;
  if (end - start < MESSAGE_SIZE) throw new DomainError("sockdiag/truncated", `unix_diag_msg of ${end - start} bytes`, place);
  const family = view.getUint8(start);
  if (family !== addressFamily.unix) throw new DomainError("sockdiag/family", `unix_diag_msg of family ${family}`, place);
  const little = columns.endianness === "little";
  const fields = { recvQ: undefined as number | undefined, sendQ: undefined as number | undefined, uid: undefined as number | undefined };
  for (const { type, payload } of readAttributes(bytes.subarray(start + MESSAGE_SIZE, end), columns.endianness, place)) {
    const reader = new ByteReader(payload, columns.endianness, place);
    if (type === RQLEN) [fields.recvQ, fields.sendQ] = [reader.u32(), reader.u32()];
    else if (type === UID) fields.uid = reader.u32();
  }
  writeRow(columns, {
    protocol: protocolIndex("unix"),
    family,
    type: view.getUint8(start + 1),
    state: view.getUint8(start + 2),
    inode: view.getUint32(start + 4, little),
    cookie: [view.getUint32(start + 8, little), view.getUint32(start + 12, little)],
    ...(fields.recvQ !== undefined && { recvQ: fields.recvQ }),
    ...(fields.sendQ !== undefined && { sendQ: fields.sendQ }),
    ...(fields.uid !== undefined && { uid: fields.uid }),
  });
  columns.setTail(bytes, start + MESSAGE_SIZE, end);
}

/** Of the tail of a row. Never throws: what is damaged is named. */
export function readUnixAttributes(tail: Uint8Array, endianness: Endianness, where: string): UnixAttributes {
  const into: UnixAttributes = {};
  try {
    for (const { type, payload } of readAttributes(tail, endianness, where)) readAttribute(into, type, new ByteReader(payload, endianness, where));
  } catch (error) {
    into.damage = error instanceof Error ? error.message : String(error);
  }
  return into;
}

/** UNIX_DIAG_NAME is attribute 0. */
function readAttribute(into: UnixAttributes, type: number, reader: ByteReader): void {
  switch (type) {
    case 0: into.name = unixName(reader.bytes); break;
    case 1: into.file = { inode: reader.u32(), device: reader.u32() }; break;
    case 2: into.peerInode = reader.u32(); break;
    case 3: into.pending = Array.from({ length: Math.floor(reader.length / 4) }, () => reader.u32()); break;
    case 5: into.skMemory = readSkMemory(reader); break;
    case 6: into.shutdown = reader.u8(); break;
    case RQLEN: case UID: break;
    default: into.unknown = [...(into.unknown ?? []), type];
  }
}

/** A path may or may not carry its NUL; an abstract name begins with one and may hold more. */
export function unixName(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  return text.startsWith("\0") ? text.replaceAll("\0", "@") : text.replace(/\0.*$/s, "");
}
