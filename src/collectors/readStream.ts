/** Sockets from a file of raw netlink messages, as `ss -D FILE` writes them and TCPDIAG_FILE reads them. */
import type { Endianness } from "../base/byteReader";
import { DomainError } from "../base/errors";
import { NETLINK_HEADER_SIZE } from "../netlink/netlinkMessage";
import { readDump } from "../netlink/dump";
import { errnoText } from "../netlink/errnoName";
import { evaluateFilter } from "../sockdiag/evaluateFilter";
import { readInetDiagMessage, type InetSocket } from "../sockdiag/inetDiagMessage";
import { parseFilter } from "../sockdiag/parseFilter";
import type { NetworkNamespace, SocketsSnapshot } from "./socketModel";
import { inetRow } from "./socketRow";

/** A stream does not say where it was taken. */
const unknownNamespace: NetworkNamespace = { inode: 0, name: "file", isInit: false };

/**
 * @param where name of the file, for errors
 * @throws DomainError `sockdiag/no-stream` for bytes that do not begin with a netlink message of either byte order, FilterError
 */
export function readStream(bytes: Uint8Array, options: { readonly filter?: string; readonly where?: string } = {}): SocketsSnapshot {
  const { expression, states } = parseFilter(options.filter ?? "");
  const where = options.where ?? "stream";
  const notes: string[] = [];
  const sockets = bytes.length === 0 ? [] : readSockets(bytes, where, notes);
  const rows = sockets
    .filter(({ state }) => states & (1 << state))
    .map((socket) => inetRow({ netns: unknownNamespace, interfaces: new Map() }, "tcp", socket, new Map()))
    .filter((row) => !expression || evaluateFilter(expression, row));
  return { takenAt: Date.now(), rows, source: "ss -D", findings: [], notes };
}

function readSockets(bytes: Uint8Array, where: string, notes: string[]): InetSocket[] {
  const endianness = endiannessOf(bytes, where);
  const sockets: InetSocket[] = [];
  const outcome = readDump([bytes], endianness, where, (message) => sockets.push(readInetDiagMessage(message.payload, endianness, where)));
  if (outcome.errno !== undefined) notes.push(`The kernel had answered ${errnoText(outcome.errno)}: the stream may lack sockets.`);
  if (outcome.interrupted) notes.push("The sockets changed while they were listed: some may be missing or double.");
  if (outcome.damage) notes.push(`Unreadable from ${outcome.damage.where ?? where} on: ${outcome.damage.message}.`);
  else if (!outcome.complete) notes.push("The stream has no end: sockets may be missing.");
  return sockets;
}

/** The first length is small in one byte order and huge in the other. */
function endiannessOf(bytes: Uint8Array, where: string): Endianness {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fits = (little: boolean): boolean => {
    if (bytes.length < NETLINK_HEADER_SIZE) return false;
    const length = view.getUint32(0, little);
    return length >= NETLINK_HEADER_SIZE && length <= bytes.length;
  };
  if (fits(true)) return "little";
  if (fits(false)) return "big";
  throw new DomainError("sockdiag/no-stream", "these are not the netlink messages that ss -D writes", where);
}
