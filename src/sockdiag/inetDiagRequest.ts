/** struct inet_diag_req_v2, include/uapi/linux/inet_diag.h: a dump of the sockets of one family and protocol. */
import type { Endianness } from "../base/byteReader";
import { buildAttribute } from "../netlink/attributes";
import { buildMessage, NLM_F_DUMP, NLM_F_REQUEST } from "../netlink/netlinkMessage";
import type { addressFamily } from "./protocols";

export const SOCK_DIAG_BY_FAMILY = 20;

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
  readonly family: typeof addressFamily.ipv4 | typeof addressFamily.ipv6;
  /** IPPROTO_*. */
  readonly protocol: number;
  /** Bits of `stateMask`. */
  readonly states: number;
  /** Bits of `inetExtension`. */
  readonly extensions: number;
  /** A program of `compileBytecode`, run for each socket. */
  readonly bytecode?: Uint8Array;
}

/** u8 family, protocol, ext, pad; u32 states; struct inet_diag_sockid of 48 bytes, unused by a dump. */
const REQUEST_SIZE = 56;
const REQ_BYTECODE = 1;
const REQ_PROTOCOL = 3;

export function inetDumpRequest(endianness: Endianness, sequence: number, request: InetDiagRequest): Uint8Array {
  const { family, protocol, states, extensions, bytecode } = request;
  const fixed = new Uint8Array(REQUEST_SIZE);
  fixed.set([family, protocol & 0xff, extensions]);
  new DataView(fixed.buffer).setUint32(4, states, endianness === "little");
  const parts: Uint8Array[] = [fixed];
  // A protocol beyond one byte (MPTCP) goes into an attribute, which wins over the byte.
  if (protocol > 0xff) parts.push(buildAttribute(endianness, REQ_PROTOCOL, u32(protocol, endianness)));
  if (bytecode) parts.push(buildAttribute(endianness, REQ_BYTECODE, bytecode));
  return buildMessage(endianness, { type: SOCK_DIAG_BY_FAMILY, flags: NLM_F_REQUEST | NLM_F_DUMP, sequence }, joined(parts));
}

const TCPDIAG_GETSOCK = 18;
/** struct inet_diag_req: u8 family, two lengths, u8 ext, struct inet_diag_sockid, u32 states, u32 dbs. */
const OLD_REQUEST_SIZE = 60;

/**
 * TCP of both families by the request that sock_diag had before it had families. The kernel walks its table of connections once for
 * it, which is twice for two requests: on a host with a million of them a tenth of a second in each namespace.
 */
export function tcpDumpRequest(endianness: Endianness, sequence: number, { states, extensions, bytecode }: Omit<InetDiagRequest, "family" | "protocol">): Uint8Array {
  const fixed = new Uint8Array(OLD_REQUEST_SIZE);
  fixed[3] = extensions;
  new DataView(fixed.buffer).setUint32(52, states, endianness === "little");
  const payload = bytecode ? joined([fixed, buildAttribute(endianness, REQ_BYTECODE, bytecode)]) : fixed;
  return buildMessage(endianness, { type: TCPDIAG_GETSOCK, flags: NLM_F_REQUEST | NLM_F_DUMP, sequence }, payload);
}

function u32(value: number, endianness: Endianness): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, endianness === "little");
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
