/** RTM_GETLINK, as far as names of interfaces need it: include/uapi/linux/rtnetlink.h and if_link.h. */
import { ByteReader, type Endianness } from "../base/byteReader";
import { buildAttribute, readAttributes } from "./attributes";
import { buildMessage, NLM_F_DUMP, NLM_F_REQUEST, type NetlinkMessage } from "./netlinkMessage";

const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const IFLA_IFNAME = 3;
const IFLA_EXT_MASK = 29;
/** Statistics are most of a link's message and nobody here reads them. */
const RTEXT_FILTER_SKIP_STATS = 1 << 3;
/** struct ifinfomsg: u8 family, u8 pad, u16 type, i32 index, u32 flags, u32 change. */
const IFINFOMSG_SIZE = 16;

export function linkDumpRequest(endianness: Endianness, sequence: number): Uint8Array {
  const mask = new Uint8Array(4);
  new DataView(mask.buffer).setUint32(0, RTEXT_FILTER_SKIP_STATS, endianness === "little");
  const attribute = buildAttribute(endianness, IFLA_EXT_MASK, mask);
  const payload = new Uint8Array(IFINFOMSG_SIZE + attribute.length);
  payload.set(attribute, IFINFOMSG_SIZE);
  return buildMessage(endianness, { type: RTM_GETLINK, flags: NLM_F_REQUEST | NLM_F_DUMP, sequence }, payload);
}

/** undefined for a message that is no RTM_NEWLINK or has no name. */
export function readLink(message: Pick<NetlinkMessage, "type" | "payload">, endianness: Endianness, where: string): { readonly index: number; readonly name: string } | undefined {
  if (message.type !== RTM_NEWLINK) return undefined;
  const index = new ByteReader(message.payload, endianness, where, 0).skip(4).i32();
  const attributes = message.payload.subarray(IFINFOMSG_SIZE);
  for (const { type, payload } of readAttributes(attributes, endianness, where)) {
    if (type === IFLA_IFNAME) return { index, name: new TextDecoder().decode(payload).replace(/\0.*$/s, "") };
  }
  return undefined;
}
