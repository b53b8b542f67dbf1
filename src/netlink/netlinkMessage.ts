/**
 * Netlink framing, RFC 3549 section 2.3 and include/uapi/linux/netlink.h: a 16-byte header (length, type, flags, sequence,
 * port id), a payload, padding to four bytes. Everything is in the byte order of the machine that speaks.
 *
 * A dump ends with NLMSG_DONE. Its payload is an int: 0, or a *negative errno* when the dump failed after it had begun
 * (netlink_dump_done in net/netlink/af_netlink.c). A request that was refused at once is answered by NLMSG_ERROR instead.
 */
import { ByteReader, type Endianness } from "../base/byteReader";
import { DomainError } from "../base/errors";

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLMSG_MIN_TYPE = 16;

export const NLM_F_REQUEST = 0x1;
export const NLM_F_MULTI = 0x2;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP = 0x300;

/** Netlink families (protocol of the socket). */
export const NETLINK_ROUTE = 0;
export const NETLINK_SOCK_DIAG = 4;

export const NETLINK_HEADER_SIZE = 16;

export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
  /** Of the header, from the start of the bytes given. */
  readonly offset: number;
}

export const align4 = (size: number): number => (size + 3) & ~3;

/**
 * Every message of a buffer, in order.
 * @throws DomainError `netlink/truncated` or `netlink/bad-length`, after the good messages were given.
 */
export function* readMessages(bytes: Uint8Array, endianness: Endianness, where: string): Generator<NetlinkMessage> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = endianness === "little";
  for (let offset = 0; offset < bytes.length; ) {
    const place = `${where}+0x${offset.toString(16)}`;
    if (bytes.length - offset < NETLINK_HEADER_SIZE) throw new DomainError("netlink/truncated", "netlink header cut short", place);
    const length = view.getUint32(offset, little);
    if (length < NETLINK_HEADER_SIZE) throw new DomainError("netlink/bad-length", `netlink message of ${length} bytes`, place);
    if (length > bytes.length - offset) throw new DomainError("netlink/truncated", `netlink message of ${length} bytes, ${bytes.length - offset} left`, place);
    yield {
      type: view.getUint16(offset + 4, little),
      flags: view.getUint16(offset + 6, little),
      sequence: view.getUint32(offset + 8, little),
      payload: bytes.subarray(offset + NETLINK_HEADER_SIZE, offset + length),
      offset,
    };
    offset += align4(length);
  }
}

/** The positive errno of NLMSG_ERROR or NLMSG_DONE, 0 for success. A DONE without payload is success. */
export function messageErrno(message: NetlinkMessage, endianness: Endianness, where: string): number {
  if (message.payload.length === 0 && message.type === NLMSG_DONE) return 0;
  const code = new ByteReader(message.payload, endianness, where).i32();
  return code < 0 ? -code : 0;
}

/** A message with its header, padded to four bytes. */
export function buildMessage(endianness: Endianness, header: { type: number; flags: number; sequence: number }, payload: Uint8Array): Uint8Array {
  const length = NETLINK_HEADER_SIZE + payload.length;
  const bytes = new Uint8Array(align4(length));
  const view = new DataView(bytes.buffer);
  const little = endianness === "little";
  view.setUint32(0, length, little);
  view.setUint16(4, header.type, little);
  view.setUint16(6, header.flags, little);
  view.setUint32(8, header.sequence, little);
  bytes.set(payload, NETLINK_HEADER_SIZE);
  return bytes;
}
