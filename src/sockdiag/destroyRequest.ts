/**
 * SOCK_DESTROY: struct inet_diag_req_v2 with the full struct inet_diag_sockid of one socket (include/uapi/linux/inet_diag.h,
 * sock_diag.h). The kernel looks the socket up by addresses, ports and interface and then compares the cookie
 * (sock_diag_check_cookie), so that a younger socket on the same addresses is left alone. The answer is an NLMSG_ERROR
 * with 0 or a negative errno, because NLM_F_ACK asks for one.
 */
import type { Endianness } from "../base/byteReader";
import { DomainError } from "../base/errors";
import { buildMessage, NLM_F_REQUEST } from "../netlink/netlinkMessage";
import { parseAddress } from "../base/addressText";
import type { InetEndpoint } from "./inetDiagMessage";
import { addressFamily, inetProtocols } from "./protocols";

export const SOCK_DESTROY = 21;
const NLM_F_ACK = 0x4;
const REQUEST_SIZE = 56;

export interface DestroyableSocket {
  readonly family: "ipv4" | "ipv6";
  readonly protocol: "tcp" | "udp";
  readonly local: InetEndpoint;
  readonly remote: InetEndpoint;
  /** 0 when it is bound to none. */
  readonly interfaceIndex: number;
  /** Hex. Without it the kernel could not tell this socket from a younger one. */
  readonly cookie: string;
}

/** @throws DomainError `sockdiag/no-identity` when addresses or cookie cannot be written. */
export function destroyRequest(endianness: Endianness, sequence: number, socket: DestroyableSocket): Uint8Array {
  const payload = new Uint8Array(REQUEST_SIZE);
  const view = new DataView(payload.buffer);
  const little = endianness === "little";
  payload.set([addressFamily[socket.family], inetProtocols[socket.protocol]]);
  view.setUint32(4, 0xffffffff, little);
  view.setUint16(8, socket.local.port);
  view.setUint16(10, socket.remote.port);
  payload.set(addressBytes(socket, socket.local), 12);
  payload.set(addressBytes(socket, socket.remote), 28);
  view.setUint32(44, socket.interfaceIndex, little);
  const cookie = cookieOf(socket);
  view.setUint32(48, Number(cookie & 0xffffffffn), little);
  view.setUint32(52, Number(cookie >> 32n), little);
  return buildMessage(endianness, { type: SOCK_DESTROY, flags: NLM_F_REQUEST | NLM_F_ACK, sequence }, payload);
}

function addressBytes({ family }: DestroyableSocket, { address }: InetEndpoint): Uint8Array {
  const bytes = parseAddress(address);
  if (bytes?.length !== (family === "ipv4" ? 4 : 16)) throw new DomainError("sockdiag/no-identity", `“${address}” is no ${family} address`);
  return bytes;
}

function cookieOf({ cookie }: DestroyableSocket): bigint {
  if (!/^[0-9a-f]{1,16}$/.test(cookie) || /^0+$/.test(cookie)) throw new DomainError("sockdiag/no-identity", `“${cookie}” is no cookie`);
  return BigInt(`0x${cookie}`);
}
