/** AF_UNIX sockets: struct unix_diag_req and unix_diag_msg, include/uapi/linux/unix_diag.h. */
import { ByteReader, type Endianness } from "../base/byteReader";
import { readAttributes } from "../netlink/attributes";
import { buildMessage, NLM_F_DUMP, NLM_F_REQUEST } from "../netlink/netlinkMessage";
import { AF_UNIX, SOCK_DIAG_BY_FAMILY } from "./inetDiagRequest";
import { readSkMemory } from "./skMemory";

export interface UnixSocket {
  /** SOCK_STREAM 1, SOCK_DGRAM 2, SOCK_SEQPACKET 5. */
  readonly type: number;
  /** TCP's numbers: 1 connected, 7 not connected, 10 listening. */
  readonly state: number;
  readonly inode: number;
  readonly cookie: string;
  /** A path, `@name` for an abstract address with further NULs as `@`, undefined when not bound. */
  readonly name?: string;
  readonly peerInode?: number;
  /** Listeners: connections waiting, and the backlog; others: bytes queued to read, and to send. */
  readonly recvQ?: number;
  readonly sendQ?: number;
  /** Inodes of the connecting sockets that wait in a listener. */
  readonly pending?: readonly number[];
  readonly skMemory?: Readonly<Record<string, number>>;
  readonly shutdown?: number;
  readonly uid?: number;
}

const REQUEST_SIZE = 24;
/** NAME, VFS, PEER, ICONS, RQLEN, MEMINFO, UID; a kernel without UID refuses the bit silently. */
const SHOW_ALL = 0x7f;

export function unixDumpRequest(endianness: Endianness, sequence: number, states: number): Uint8Array {
  const payload = new Uint8Array(REQUEST_SIZE);
  const view = new DataView(payload.buffer);
  payload[0] = AF_UNIX;
  view.setUint32(4, states, endianness === "little");
  view.setUint32(12, SHOW_ALL, endianness === "little");
  return buildMessage(endianness, { type: SOCK_DIAG_BY_FAMILY, flags: NLM_F_REQUEST | NLM_F_DUMP, sequence }, payload);
}

type Fields = { -readonly [K in keyof UnixSocket]: UnixSocket[K] };

/** @throws DomainError when the message or an attribute is cut short. */
export function readUnixDiagMessage(payload: Uint8Array, endianness: Endianness, where: string): UnixSocket {
  const reader = new ByteReader(payload, endianness, where);
  const family = reader.u8();
  if (family !== AF_UNIX) throw reader.error(`unix_diag_msg of family ${family}`, "sockdiag/family");
  const [type, state] = [reader.u8(), reader.u8()];
  const inode = reader.skip(1).u32();
  const cookie = (reader.u32() + reader.u32() * 2 ** 32).toString(16);
  const socket: Fields = { type, state, inode, cookie };
  for (const attribute of readAttributes(payload.subarray(16), endianness, where)) {
    readAttribute(socket, attribute.type, new ByteReader(attribute.payload, endianness, where));
  }
  return socket;
}

/** UNIX_DIAG_NAME is attribute 0. */
function readAttribute(socket: Fields, type: number, reader: ByteReader): void {
  switch (type) {
    case 0: socket.name = unixName(reader.bytes); break;
    case 2: socket.peerInode = reader.u32(); break;
    case 3: socket.pending = Array.from({ length: Math.floor(reader.length / 4) }, () => reader.u32()); break;
    case 4: [socket.recvQ, socket.sendQ] = [reader.u32(), reader.u32()]; break;
    case 5: socket.skMemory = readSkMemory(reader); break;
    case 6: socket.shutdown = reader.u8(); break;
    case 7: socket.uid = reader.u32(); break;
  }
}

/** A path may or may not carry its NUL; an abstract name begins with one and may hold more. */
export function unixName(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  return text.startsWith("\0") ? text.replaceAll("\0", "@") : text.replace(/\0.*$/s, "");
}
