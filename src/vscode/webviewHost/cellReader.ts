/**
 * Cells straight from columns. Making a row decodes all its attributes, which is right for one and takes seconds for a million; what is shown,
 * sorted and searched most has its own way here. Both ways give the same: a test compares them.
 */
import { ownersOf } from "../../collectors/socketOwners";
import { stateName } from "../../collectors/socketRow";
import type { SocketSurroundings } from "../../collectors/socketTable";
import type { SocketColumnId } from "../../protocol/tableColumns";
import { addressAt, timerNames } from "../../sockdiag/inetDiagMessage";
import { addressFamily, protocols } from "../../sockdiag/protocols";
import { associationState } from "../../sockdiag/sctpAssociation";
import { isKnown, type SocketColumns } from "../../sockdiag/socketColumns";
import { tcpInfoOffset, tcpInfoWord } from "../../sockdiag/tcpInfoWord";
import { endpointText } from "../../collectors/endpointText";
import { processText } from "../views/words";
import type { RowSource } from "./rowSource";
import { cellOf, timerText, type Cell } from "./socketCells";

export type CellReader = (row: number) => Cell;

/** Reads one column of any row. */
export function cellReader(source: RowSource, column: SocketColumnId): CellReader {
  const { columns, surroundings } = source;
  const slow: CellReader = (row) => cellOf[column](source.row(row));
  return columns && surroundings ? (readers[column]?.(columns, surroundings, slow) ?? slow) : slow;
}

type MakeReader = (columns: SocketColumns, surroundings: SocketSurroundings, slow: CellReader) => CellReader;

const readers: Partial<Record<SocketColumnId, MakeReader>> = {
  netns: ({ netns }, { places }, slow) => (row) => places.get(netns[row] ?? 0)?.netns.name ?? slow(row),
  protocol: ({ protocol }) => (row) => protocols[protocol[row] ?? 0],
  state: ({ state, type }) => (row) => associationState(type[row] ?? 0) ?? stateName(state[row] ?? 0),
  local: endpointReader("local"),
  remote: endpointReader("remote"),
  recvQ: (columns) => numberReader(columns, columns.recvQ, isKnown.recvQ),
  sendQ: (columns) => numberReader(columns, columns.sendQ, isKnown.sendQ),
  uid: (columns) => numberReader(columns, columns.uid, isKnown.uid),
  inode: (columns) => numberReader(columns, columns.inode, isKnown.inode),
  process: ({ inode, known }, { owners, ownersUnasked }) => (row) => {
    if (!((known[row] ?? 0) & isKnown.inode)) return "";
    return ownersUnasked ? "…" : processText(ownersOf(owners, inode[row])) || undefined;
  },
  timer: timerReader,
  rtt: (columns, _, slow) => tcpInfoReader(columns, slow, tcpInfoOffset.rtt, (value) => value / 1000),
  cwnd: (columns, _, slow) => tcpInfoReader(columns, slow, tcpInfoOffset.snd_cwnd),
  retransmits: (columns, _, slow) => tcpInfoReader(columns, slow, tcpInfoOffset.total_retrans),
};

export const isInet = ({ family }: SocketColumns, row: number): boolean => family[row] === addressFamily.ipv4 || family[row] === addressFamily.ipv6;

function endpointReader(side: "local" | "remote"): MakeReader {
  return (columns, _, slow) => {
    const [addresses, ports] = side === "local" ? [columns.localAddress, columns.localPort] : [columns.remoteAddress, columns.remotePort];
    return (row) =>
      isInet(columns, row) ? endpointText({ address: addressAt(addresses, row, columns.family[row] === addressFamily.ipv4 ? "ipv4" : "ipv6"), port: ports[row] ?? 0 }) : slow(row);
  };
}

function numberReader({ known }: SocketColumns, column: Uint32Array, bit: number): CellReader {
  return (row) => ((known[row] ?? 0) & bit ? column[row] : undefined);
}

function timerReader(columns: SocketColumns, _: SocketSurroundings, slow: CellReader): CellReader {
  const { timer, expires, known } = columns;
  return (row) => {
    if (!isInet(columns, row) || columns.type[row] !== 0) return slow(row);
    const number = timer[row] ?? 0;
    if (number > 0) return timerText(timerNames[number] ?? `timer ${number}`, expires[row] ?? 0);
    return (known[row] ?? 0) & isKnown.cookie ? "" : undefined;
  };
}

/** A field of tcp_info; sockets without one are asked the other way, which knows what stands in for it. */
function tcpInfoReader(columns: SocketColumns, slow: CellReader, offset: number, unit: (value: number) => number = (value) => value): CellReader {
  return (row) => {
    if (!isInet(columns, row)) return slow(row);
    const value = tcpInfoWord(columns.tail(row), columns.endianness, offset);
    return value === undefined ? slow(row) : unit(value);
  };
}
