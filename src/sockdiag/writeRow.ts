import { isKnown, type SocketColumns } from "./socketColumns";

/** What a row may be told; the rest of it is 0 and not known. */
export interface RowFields {
  readonly protocol: number;
  readonly family: number;
  readonly state: number;
  readonly type?: number;
  readonly localPort?: number;
  readonly remotePort?: number;
  /** The first words of the addresses. */
  readonly local?: number;
  readonly remote?: number;
  readonly interfaceIndex?: number;
  readonly recvQ?: number;
  readonly sendQ?: number;
  readonly uid?: number;
  readonly inode?: number;
  readonly cookie?: readonly [low: number, high: number];
}

/** Writes every column of the row being read but `netns` and timers; gives its index. For families with few sockets: TCP writes its columns itself. */
export function writeRow(columns: SocketColumns, fields: RowFields): number {
  const row = columns.next();
  columns.protocol[row] = fields.protocol;
  columns.family[row] = fields.family;
  columns.state[row] = fields.state;
  columns.type[row] = fields.type ?? 0;
  columns.timer[row] = columns.retransmits[row] = columns.expires[row] = 0;
  columns.known[row] = knownOf(fields);
  columns.localPort[row] = fields.localPort ?? 0;
  columns.remotePort[row] = fields.remotePort ?? 0;
  columns.localAddress.fill(0, 4 * row, 4 * row + 4);
  columns.remoteAddress.fill(0, 4 * row, 4 * row + 4);
  columns.localAddress[4 * row] = fields.local ?? 0;
  columns.remoteAddress[4 * row] = fields.remote ?? 0;
  columns.interfaceIndex[row] = fields.interfaceIndex ?? 0;
  columns.recvQ[row] = fields.recvQ ?? 0;
  columns.sendQ[row] = fields.sendQ ?? 0;
  columns.uid[row] = fields.uid ?? 0;
  columns.inode[row] = fields.inode ?? 0;
  columns.cookieLow[row] = fields.cookie?.[0] ?? 0;
  columns.cookieHigh[row] = fields.cookie?.[1] ?? 0;
  columns.setTail(new Uint8Array(0), 0, 0);
  return row;
}

const knownOf = ({ recvQ, sendQ, uid, inode, cookie }: RowFields): number =>
  (recvQ === undefined ? 0 : isKnown.recvQ) |
  (sendQ === undefined ? 0 : isKnown.sendQ) |
  (uid === undefined ? 0 : isKnown.uid) |
  (inode === undefined || inode === 0 ? 0 : isKnown.inode) |
  (cookie === undefined ? 0 : isKnown.cookie);
