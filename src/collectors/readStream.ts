/** Sockets from a file of raw netlink messages, as `ss -D FILE` writes them and TCPDIAG_FILE reads them. */
import type { Endianness } from "../base/byteReader";
import { DomainError } from "../base/errors";
import { NETLINK_HEADER_SIZE } from "../netlink/netlinkMessage";
import type { DumpOutcome } from "../netlink/dumpReader";
import { errnoText } from "../netlink/errnoName";
import { LOOPBACK_INDEX } from "../sockdiag/filterBytecode";
import { planFilter } from "../sockdiag/filterPlan";
import { parseFilter } from "../sockdiag/parseFilter";
import { SocketColumns } from "../sockdiag/socketColumns";
import { NamespaceReader } from "./namespaceReader";
import type { NetworkNamespace, SocketsSnapshot } from "./socketModel";
import { SocketTable } from "./socketTable";

/** A stream does not say where it was taken. */
const unknownNamespace: NetworkNamespace = { inode: 0, name: "file", isInit: false };

/**
 * @param where name of the file, for errors
 * @throws DomainError `sockdiag/no-stream` for bytes that do not begin with a netlink message of either byte order, FilterError
 */
export function readStream(bytes: Uint8Array, options: { readonly filter?: string; readonly where?: string } = {}): SocketsSnapshot {
  const { filter: text = "", where = "stream" } = options;
  const { states, whole, notes } = planFilter(parseFilter(text), text);
  const filter = { states, notes, ...(whole && { whole, process: whole }) };
  const columns = new SocketColumns(bytes.length === 0 ? "little" : endiannessOf(bytes, where));
  const place = { portRange: () => undefined, interfaceIndex: (_netns: number, name: string) => numbered(name), cgroupId: () => undefined };
  const reader = new NamespaceReader({ protocols: ["tcp"], filter, extensions: 0 }, columns, 0, place, where);
  if (bytes.length > 0) reader.ssStream(bytes);
  columns.trim();
  const places = new Map([[0, { netns: unknownNamespace, interfaces: new Map<number, string>(), files: new Map<string, string>() }]]);
  const sockets = new SocketTable(columns, { places, owners: new Map(), cgroups: new Map() });
  return { takenAt: Date.now(), sockets, plan: filter, source: "ss -D", findings: [], notes: reader.outcomes.flatMap(({ outcome }) => notesOf(outcome, where)) };
}

/** A file does not tell the names of interfaces. */
const numbered = (name: string): number | undefined => (name === "lo" ? LOOPBACK_INDEX : /^if\d+$/.test(name) ? Number(name.slice(2)) : undefined);

function notesOf(outcome: DumpOutcome, where: string): string[] {
  return [
    ...(outcome.errno === undefined ? [] : [`The kernel had answered ${errnoText(outcome.errno)}: the stream may lack sockets.`]),
    ...(outcome.interrupted ? ["The sockets changed while they were listed: some may be missing or double."] : []),
    ...(outcome.damage ? [`Unreadable from ${outcome.damage.where ?? where} on: ${outcome.damage.message}.`] : outcome.complete ? [] : ["The stream has no end: sockets may be missing."]),
  ];
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
