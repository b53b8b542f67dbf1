import type { Endianness } from "../base/byteReader";
import { DomainError } from "../base/errors";
import { align4 } from "./netlinkMessage";

/** struct nlattr: u16 length with its own four bytes, u16 type whose two top bits are flags. */
export interface NetlinkAttribute {
  readonly type: number;
  readonly payload: Uint8Array;
}

const HEADER = 4;
/** Without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const TYPE_MASK = 0x3fff;

/**
 * Every attribute of a payload, in order.
 * @throws DomainError `netlink/bad-attribute`, after the good ones were given.
 */
export function* readAttributes(bytes: Uint8Array, endianness: Endianness, where: string): Generator<NetlinkAttribute> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = endianness === "little";
  for (let offset = 0; offset < bytes.length; ) {
    const left = bytes.length - offset;
    const length = left < HEADER ? 0 : view.getUint16(offset, little);
    if (length < HEADER || length > left) {
      throw new DomainError("netlink/bad-attribute", `attribute of ${length} bytes, ${left} left`, `${where}+0x${offset.toString(16)}`);
    }
    yield { type: view.getUint16(offset + 2, little) & TYPE_MASK, payload: bytes.subarray(offset + HEADER, offset + length) };
    offset += align4(length);
  }
}

/** One attribute with its header, padded to four bytes. */
export function buildAttribute(endianness: Endianness, type: number, payload: Uint8Array): Uint8Array {
  const length = HEADER + payload.length;
  const bytes = new Uint8Array(align4(length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, length, endianness === "little");
  view.setUint16(2, type, endianness === "little");
  bytes.set(payload, HEADER);
  return bytes;
}
