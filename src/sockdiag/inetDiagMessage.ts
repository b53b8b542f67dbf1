/** struct inet_diag_msg, include/uapi/linux/inet_diag.h: 72 bytes, then attributes. Ports and addresses are in network order. */
import { DomainError } from "../base/errors";
import type { MessageBuffer } from "../netlink/dumpReader";
import { addressWords, ipv4OfWord, ipv6OfWords } from "../base/addressText";
import { attributeAt, readInetAttributes, type InetAttributes } from "./inetDiagAttributes";
import { addressFamily, protocolIndex, protocols } from "./protocols";
import { associationState, associationType, SCTP_TIMER_NAME, tcpStateOfSctp } from "./sctpAssociation";
import { isKnown, type SocketColumns } from "./socketColumns";
import { writeRow } from "./writeRow";
import { NEW_SYN_RECV, tcpStateNumbers } from "./tcpState";

export interface InetEndpoint {
  readonly address: string;
  readonly port: number;
}

export interface InetSocket {
  readonly family: "ipv4" | "ipv6";
  /** Kernel number, request sockets as SYN-RECV. */
  readonly state: number;
  /** Of an SCTP association its own state, which has no TCP number. */
  readonly association?: string;
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

/**
 * Writes a message behind the last row of `columns`, all of it but `netns`.
 * @throws DomainError `sockdiag/truncated` when it is cut short, `sockdiag/family` for a family that is neither v4 nor v6.
 */
export function readInetDiagMessage(columns: SocketColumns, protocol: number, { bytes, view, where }: MessageBuffer, start: number, end: number): void {
  if (end - start < INET_DIAG_MSG_SIZE) throw new DomainError("sockdiag/truncated", `inet_diag_msg of ${end - start} bytes`, `${where}+0x${start.toString(16)}`);
  const family = view.getUint8(start);
  if (family !== addressFamily.ipv4 && family !== addressFamily.ipv6) throw new DomainError("sockdiag/family", `inet_diag_msg of family ${family}`, `${where}+0x${start.toString(16)}`);
  const little = columns.endianness === "little";
  const row = columns.next();
  const state = shownState(view.getUint8(start + 1));
  const inode = view.getUint32(start + 68, little);
  columns.protocol[row] = protocol;
  columns.family[row] = family;
  columns.state[row] = state;
  columns.type[row] = 0;
  columns.timer[row] = view.getUint8(start + 2);
  columns.retransmits[row] = view.getUint8(start + 3);
  columns.known[row] = isKnown.recvQ | isKnown.sendQ | isKnown.cookie | (hasOwner(state, inode) ? isKnown.uid | isKnown.inode : 0);
  columns.localPort[row] = view.getUint16(start + 4);
  columns.remotePort[row] = view.getUint16(start + 6);
  writeAddress(columns.localAddress, row, view, start + 8, family);
  writeAddress(columns.remoteAddress, row, view, start + 24, family);
  columns.interfaceIndex[row] = view.getUint32(start + 40, little);
  columns.cookieLow[row] = view.getUint32(start + 44, little);
  columns.cookieHigh[row] = view.getUint32(start + 48, little);
  columns.expires[row] = view.getUint32(start + 52, little);
  columns.recvQ[row] = view.getUint32(start + 56, little);
  columns.sendQ[row] = view.getUint32(start + 60, little);
  columns.uid[row] = view.getUint32(start + 64, little);
  columns.inode[row] = inode;
  columns.setTail(bytes, start + INET_DIAG_MSG_SIZE, end);
  if (protocol === SCTP && attributeAt(columns, row, INET_DIAG_PEERS)) writeAssociation(columns, row, view.getUint8(start + 1));
}

const SCTP = protocolIndex("sctp");
const INET_DIAG_PEERS = 13;

function writeAssociation(columns: SocketColumns, row: number, state: number): void {
  columns.type[row] = associationType(state);
  columns.state[row] = tcpStateOfSctp(state);
  if (columns.inode[row] !== 0) columns.known[row] = (columns.known[row] ?? 0) | isKnown.uid | isKnown.inode;
}

/** The kernel leaves the other twelve bytes of an IPv4 address as they were in some answers, so they are not read. */
function writeAddress(column: Uint32Array, row: number, view: DataView, at: number, family: number): void {
  const isV4 = family === addressFamily.ipv4;
  column[4 * row] = view.getUint32(at);
  column[4 * row + 1] = isV4 ? 0 : view.getUint32(at + 4);
  column[4 * row + 2] = isV4 ? 0 : view.getUint32(at + 8);
  column[4 * row + 3] = isV4 ? 0 : view.getUint32(at + 12);
}

/** A socket as it comes from text. `netns` is the caller's. */
export function writeInetSocket(columns: SocketColumns, protocol: number, socket: Omit<InetSocket, "attributes">): void {
  const { timer, uid, inode, sendQ, recvQ, interfaceIndex, state, local, remote } = socket;
  const row = writeRow(columns, {
    protocol,
    family: addressFamily[socket.family],
    state,
    localPort: local.port,
    remotePort: remote.port,
    interfaceIndex,
    recvQ,
    ...(sendQ !== undefined && { sendQ }),
    ...(uid !== undefined && { uid }),
    ...(inode !== undefined && { inode }),
  });
  columns.timer[row] = timer ? timerNames.indexOf(timer.name as (typeof timerNames)[number]) : 0;
  columns.retransmits[row] = timer?.retransmits ?? 0;
  columns.expires[row] = timer?.expiresMs ?? 0;
  columns.localAddress.set(addressWords(local.address), 4 * row);
  columns.remoteAddress.set(addressWords(remote.address), 4 * row);
}

/** A row as an object, with its attributes decoded. */
export function inetSocketAt(columns: SocketColumns, row: number): InetSocket {
  const family = columns.family[row] === addressFamily.ipv4 ? "ipv4" : "ipv6";
  const known = columns.known[row] ?? 0;
  const timer = columns.timer[row] ?? 0;
  const association = associationState(columns.type[row] ?? 0);
  const at = (column: Uint32Array): number => column[row] ?? 0;
  return {
    family,
    state: columns.state[row] ?? 0,
    ...(association !== undefined && { association }),
    local: { address: addressAt(columns.localAddress, row, family), port: at(columns.localPort) },
    remote: { address: addressAt(columns.remoteAddress, row, family), port: at(columns.remotePort) },
    interfaceIndex: at(columns.interfaceIndex),
    ...(known & isKnown.cookie && { cookie: columns.cookie(row) }),
    ...(timer > 0 && { timer: { name: association === undefined ? (timerNames[timer] ?? `timer ${timer}`) : SCTP_TIMER_NAME, expiresMs: at(columns.expires), retransmits: columns.retransmits[row] ?? 0 } }),
    recvQ: at(columns.recvQ),
    ...(known & isKnown.sendQ && { sendQ: at(columns.sendQ) }),
    ...(known & isKnown.uid && { uid: at(columns.uid) }),
    ...(known & isKnown.inode && { inode: at(columns.inode) }),
    attributes: readInetAttributes(columns.tail(row), columns.endianness, protocols[columns.protocol[row] ?? 0] ?? "tcp", `socket ${row}`),
  };
}

export const addressAt = (column: Uint32Array, row: number, family: "ipv4" | "ipv6"): string =>
  family === "ipv4" ? ipv4OfWord(column[4 * row] ?? 0) : ipv6OfWords(column.subarray(4 * row, 4 * row + 4));

export const shownState = (state: number): number => (state === NEW_SYN_RECV ? tcpStateNumbers["syn-recv"] : state);

/** Without an inode no file refers to the socket, so no process owns it and uid 0 is not root's. */
export const hasOwner = (state: number, inode: number): boolean =>
  inode !== 0 && state !== tcpStateNumbers["syn-recv"] && state !== tcpStateNumbers["time-wait"];
