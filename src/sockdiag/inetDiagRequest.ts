/** struct inet_diag_req_v2, include/uapi/linux/inet_diag.h: a dump of the sockets of one family and protocol. */
import type { Endianness } from "../base/byteReader";
import { buildMessage, NLM_F_DUMP, NLM_F_REQUEST } from "../netlink/netlinkMessage";

export const SOCK_DIAG_BY_FAMILY = 20;
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;

/** Attributes that are sent only when asked for; the bit of attribute n in idiag_ext is n − 1, and there are only eight. */
export const inetExtension = {
  memory: 1 << 0,
  tcpInfo: 1 << 1,
  /** Vegas, DCTCP or BBR, whichever the socket uses. */
  congestionInfo: 1 << 2,
  congestion: 1 << 3,
  tos: 1 << 4,
  /** Traffic class, and the class id with it. */
  trafficClass: 1 << 5,
  skMemory: 1 << 6,
  shutdown: 1 << 7,
} as const;

export const allInetExtensions = 0xff;

export interface InetDiagRequest {
  readonly family: typeof AF_INET | typeof AF_INET6;
  readonly protocol: number;
  /** Bits of `stateMask`. */
  readonly states: number;
  /** Bits of `inetExtension`. */
  readonly extensions: number;
}

/** u8 family, protocol, ext, pad; u32 states; struct inet_diag_sockid of 48 bytes, unused by a dump. */
const REQUEST_SIZE = 56;

export function inetDumpRequest(endianness: Endianness, sequence: number, request: InetDiagRequest): Uint8Array {
  const payload = new Uint8Array(REQUEST_SIZE);
  payload.set([request.family, request.protocol, request.extensions]);
  new DataView(payload.buffer).setUint32(4, request.states, endianness === "little");
  return buildMessage(endianness, { type: SOCK_DIAG_BY_FAMILY, flags: NLM_F_REQUEST | NLM_F_DUMP, sequence }, payload);
}
