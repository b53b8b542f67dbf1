import type { SocketRow } from "../../collectors/socketModel";
import type { SocketCells } from "../../protocol/socketTable";
import { tableColumns, type SocketColumnId } from "../../protocol/tableColumns";
import { endpointText } from "../../collectors/endpointText";
import { processText } from "../views/words";

export type Cell = string | number | undefined;

export const cellOf: Readonly<Record<SocketColumnId, (row: SocketRow) => Cell>> = {
  netns: (row) => row.netns.name,
  protocol: (row) => row.protocol,
  type: (row) => row.type ?? (row.protocol === "sctp" ? "socket" : undefined),
  state: (row) => row.state,
  local: (row) => endpointText(row.local),
  remote: (row) => endpointText(row.remote),
  peer: (row) => peerText(row),
  recvQ: (row) => row.recvQ,
  sendQ: (row) => row.sendQ,
  // A handshake, a TIME-WAIT and a child not yet accepted have no inode: nobody holds them, and that is known.
  process: (row) => processText(row.processes) || (row.inode === undefined ? "" : undefined),
  timer: (row) => (row.timer ? timerText(row.timer.name, row.timer.expiresMs) : none(row)),
  // tcpi_rtt is in microseconds.
  rtt: (row) => microsecondsAsMs(infoNumber(row, "rtt")),
  cwnd: (row) => infoNumber(row, "snd_cwnd"),
  retransmits: (row) => infoNumber(row, "total_retrans") ?? numberOf(row.info?.["mptcpi_retransmits"]) ?? numberOf(row.info?.["sctpi_rtxchunks"]) ?? row.timer?.retransmits,
  congestion: (row) => row.congestion,
  subflows: (row) => numberOf(row.info?.["mptcpi_subflows"]),
  token: (row) => hex(row.info?.["mptcpi_token"]),
  groups: (row) => detail(row, "groups"),
  queue: (row) => numberOf(row.details?.["queue_id"]),
  rings: (row) => ringsText(row),
  umem: (row) => numberOf(row.details?.["umem_size"]),
  drops: (row) => row.memory?.["drops"],
  uid: (row) => row.uid,
  inode: (row) => row.inode,
  cookie: (row) => row.cookie,
  mark: (row) => row.mark,
  interface: (row) => row.interface ?? none(row),
  cgroup: (row) => row.cgroupPath ?? row.cgroup,
  options: (row) => row.options?.join(" ") ?? none(row),
};

export const allColumns: readonly SocketColumnId[] = tableColumns.map(({ id }) => id);

export const socketCells = (row: SocketRow, columns: readonly SocketColumnId[] = allColumns): SocketCells => columns.map((id) => cellOf[id](row) ?? null);

/** Two hours of a keepalive are not counted in tenths of a second. */
export const timerText = (name: string, expiresMs: number): string => `${name} ${expiresMs >= 600_000 ? `${Math.round(expiresMs / 60_000)} min` : `${(expiresMs / 1000).toFixed(1)} s`}`;

/** What sock_diag did not name is known not to be there; /proc/net just does not tell. */
const none = ({ cookie }: SocketRow): Cell => (cookie === undefined ? undefined : "");

/** The other end of a unix socket: its inode, as `ss` shows it, and who holds it. */
const peerText = ({ peerInode, peerProcesses = [] }: SocketRow): Cell => (peerInode === undefined ? "" : `${peerInode} ${processText(peerProcesses)}`.trim());

const detail = ({ details }: SocketRow, name: string): Cell => details?.[name] ?? "";

/** `rx 2048, fill 4096`: descriptors of XDP rings, frames of packet and netlink ones. */
function ringsText({ details = {} }: SocketRow): Cell {
  const sizes = ["rx", "tx", "fill", "completion"].map((name) => [name, details[`${name}_ring_entries`] ?? details[`${name}_ring_frame_nr`] ?? 0] as const);
  return sizes.filter(([, size]) => size !== 0).map((pair) => pair.join(" ")).join(", ");
}

const numberOf = (value: number | string | undefined): number | undefined => (value === undefined ? undefined : Number(value));

const hex = (value: number | string | undefined): Cell => (value === undefined ? undefined : Number(value).toString(16));

/** tcp_info's names with or without the `tcpi_` of the header. */
function infoNumber(row: SocketRow, name: string): number | undefined {
  return numberOf(row.info?.[name] ?? row.info?.[`tcpi_${name}`]);
}

const microsecondsAsMs = (value: number | undefined): number | undefined => (value === undefined ? undefined : value / 1000);
