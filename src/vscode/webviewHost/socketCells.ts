import type { SocketRow } from "../../collectors/socketModel";
import { socketColumns, type SocketCells, type SocketColumnId } from "../../protocol/socketTable";
import { endpointText, processText } from "../views/words";

export type Cell = string | number | undefined;

export const cellOf: Readonly<Record<SocketColumnId, (row: SocketRow) => Cell>> = {
  netns: (row) => row.netns.name,
  protocol: (row) => row.protocol,
  state: (row) => row.state,
  local: (row) => endpointText(row.local),
  remote: (row) => endpointText(row.remote),
  recvQ: (row) => row.recvQ,
  sendQ: (row) => row.sendQ,
  process: (row) => processText(row.processes) || undefined,
  timer: (row) => (row.timer ? timerText(row.timer.name, row.timer.expiresMs) : none(row)),
  // tcpi_rtt is in microseconds.
  rtt: (row) => microsecondsAsMs(infoNumber(row, "rtt")),
  cwnd: (row) => infoNumber(row, "snd_cwnd"),
  retransmits: (row) => infoNumber(row, "total_retrans") ?? row.timer?.retransmits,
  congestion: (row) => row.congestion,
  drops: (row) => row.memory?.["drops"],
  uid: (row) => row.uid,
  inode: (row) => row.inode,
  cookie: (row) => row.cookie,
  mark: (row) => row.mark,
  interface: (row) => row.interface ?? none(row),
  cgroup: (row) => row.cgroupPath ?? row.cgroup,
};

export const allColumns: readonly SocketColumnId[] = socketColumns.map(({ id }) => id);

export const socketCells = (row: SocketRow, columns: readonly SocketColumnId[] = allColumns): SocketCells => columns.map((id) => cellOf[id](row) ?? null);

export const timerText = (name: string, expiresMs: number): string => `${name} ${(expiresMs / 1000).toFixed(1)} s`;

/** What sock_diag did not name is known not to be there; /proc/net just does not tell. */
const none = ({ cookie }: SocketRow): Cell => (cookie === undefined ? undefined : "");

/** tcp_info's names with or without the `tcpi_` of the header. */
function infoNumber(row: SocketRow, name: string): number | undefined {
  const value = row.info?.[name] ?? row.info?.[`tcpi_${name}`];
  return value === undefined ? undefined : Number(value);
}

const microsecondsAsMs = (value: number | undefined): number | undefined => (value === undefined ? undefined : value / 1000);
