/** struct inet_diag_msg, include/uapi/linux/inet_diag.h: 72 bytes, then attributes. Ports and addresses are in network order. */
import { ByteReader, type Endianness } from "../base/byteReader";
import { ipv4Text, ipv6Text } from "./addressText";
import { AF_INET, AF_INET6 } from "./inetDiagRequest";
import { readInetAttributes, type InetAttributes } from "./inetDiagAttributes";
import { NEW_SYN_RECV, tcpStateNumbers } from "./tcpState";

export interface InetEndpoint {
  readonly address: string;
  readonly port: number;
}

export interface InetSocket {
  readonly family: "ipv4" | "ipv6";
  /** Kernel number, request sockets as SYN-RECV. */
  readonly state: number;
  readonly local: InetEndpoint;
  readonly remote: InetEndpoint;
  /** 0 when the socket is bound to none. */
  readonly interfaceIndex: number;
  /** Hex; undefined where the source has none. */
  readonly cookie?: string;
  readonly timer?: SocketTimer;
  /** Bytes to be read; of a listener, connections to be accepted. */
  readonly recvQ: number;
  /** Bytes not acknowledged; of a listener, the limit of its accept queue. */
  readonly sendQ?: number;
  /** Absent for SYN-RECV, TIME-WAIT and children not yet accepted: they belong to nobody, and the kernel's 0 means just that. */
  readonly uid?: number;
  readonly inode?: number;
  readonly attributes: InetAttributes;
}

export interface SocketTimer {
  /** By the names of ss. */
  readonly name: string;
  readonly expiresMs: number;
  readonly retransmits: number;
}

export const INET_DIAG_MSG_SIZE = 72;

/** By number, as ss writes them. IDIAG_TIMER_*: off, on, keepalive, timewait, probe0 and, since 2025, delack. */
export const timerNames = ["off", "on", "keepalive", "timewait", "persist", "delack"] as const;

/** @throws DomainError `bytes/out-of-bounds` when it is cut short, `sockdiag/family` for a family that is neither v4 nor v6. */
export function readInetDiagMessage(payload: Uint8Array, endianness: Endianness, where: string): InetSocket {
  const reader = new ByteReader(payload, endianness, where);
  const familyNumber = reader.u8();
  if (familyNumber !== AF_INET && familyNumber !== AF_INET6) throw reader.error(`inet_diag_msg of family ${familyNumber}`, "sockdiag/family");
  const family = familyNumber === AF_INET ? "ipv4" : "ipv6";
  const state = shownState(reader.u8());
  const [timer, retransmits] = [reader.u8(), reader.u8()];
  const [localPort, remotePort] = [networkPort(reader), networkPort(reader)];
  const [source, destination] = [reader.take(16), reader.take(16)];
  const interfaceIndex = reader.u32();
  const cookie = reader.u32() + reader.u32() * 2 ** 32;
  const [expiresMs, recvQ, sendQ, uid, inode] = [reader.u32(), reader.u32(), reader.u32(), reader.u32(), reader.u32()];
  const text = family === "ipv4" ? ipv4Text : ipv6Text;
  return {
    family,
    state,
    local: { address: text(source), port: localPort },
    remote: { address: text(destination), port: remotePort },
    interfaceIndex,
    cookie: cookie.toString(16),
    ...(timer > 0 && { timer: { name: timerNames[timer] ?? `timer ${timer}`, expiresMs, retransmits } }),
    recvQ,
    sendQ,
    ...(hasOwner(state, inode) && { uid, inode }),
    attributes: readInetAttributes(payload.subarray(INET_DIAG_MSG_SIZE), endianness, where),
  };
}

export const shownState = (state: number): number => (state === NEW_SYN_RECV ? tcpStateNumbers["syn-recv"] : state);

/** Without an inode no file refers to the socket, so no process owns it and uid 0 is not root's. */
export const hasOwner = (state: number, inode: number): boolean =>
  inode !== 0 && state !== tcpStateNumbers["syn-recv"] && state !== tcpStateNumbers["time-wait"];

function networkPort(reader: ByteReader): number {
  return (reader.u8() << 8) | reader.u8();
}
