/**
 * Sockets as columns: for each field one typed array, for each socket one index. A million sockets cost about 90 bytes each
 * (objects cost ten times that, and a pause whenever they are collected), and a filter or a sort walks memory in order.
 *
 * A message is written behind the last row, where filters may look at it; only `keep` makes it a row. What follows the fixed part of
 * a message (attributes; the whole message for families whose fields have no columns) is its tail, kept as bytes and
 * decoded when somebody looks. Most sockets of a host have the same attributes, so a tail equal to the one before is kept once.
 */
import type { Endianness } from "../base/byteReader";
import { DomainError } from "../base/errors";

/** Bits of `known`: what the source told. */
export const isKnown = { recvQ: 1, sendQ: 2, uid: 4, inode: 8, cookie: 16 } as const;

const FIRST_CAPACITY = 64;
const FIRST_CHUNK = 1 << 14;
const CHUNK_BITS = 20;
const CHUNK = 1 << CHUNK_BITS;
/** Offsets of tails are 32-bit numbers. */
const CHUNK_LIMIT = 1 << (32 - CHUNK_BITS);

type Column = Uint8Array | Uint16Array | Uint32Array;

function moved<T extends Column>(column: T, length: number): T {
  const next = new (column.constructor as new (length: number) => T)(length);
  next.set(column.length > length ? column.subarray(0, length) : column);
  return next;
}

export class SocketColumns {
  /** Rows that were kept; the row being read has this number. */
  length = 0;

  /** Number of the namespace, in the order of the collection. */
  netns = new Uint16Array(0);
  /** Index in `protocols`. */
  protocol = new Uint8Array(0);
  /** AF_*. */
  family = new Uint8Array(0);
  /** Number of include/net/tcp_states.h, request sockets as SYN-RECV. */
  state = new Uint8Array(0);
  /** SOCK_*, where the family tells. */
  type = new Uint8Array(0);
  /** IDIAG_TIMER_*; 0: none. */
  timer = new Uint8Array(0);
  retransmits = new Uint8Array(0);
  /** Bits of `isKnown`. */
  known = new Uint8Array(0);
  localPort = new Uint32Array(0);
  remotePort = new Uint32Array(0);
  /** Four words a row, from network order; an IPv4 address is the first of them. */
  localAddress = new Uint32Array(0);
  remoteAddress = new Uint32Array(0);
  /** 0: bound to none. */
  interfaceIndex = new Uint32Array(0);
  /** Milliseconds. */
  expires = new Uint32Array(0);
  recvQ = new Uint32Array(0);
  sendQ = new Uint32Array(0);
  uid = new Uint32Array(0);
  inode = new Uint32Array(0);
  cookieLow = new Uint32Array(0);
  cookieHigh = new Uint32Array(0);
  private tailAt = new Uint32Array(0);
  private tailLength = new Uint32Array(0);

  private readonly chunks: Uint8Array[] = [];
  private used = 0;
  private pending: { bytes: Uint8Array; start: number; end: number } = { bytes: new Uint8Array(0), start: 0, end: 0 };

  /** @param endianness of the host, which the tails have */
  constructor(readonly endianness: Endianness) {}

  /** Memory of the rows, in bytes. */
  get byteLength(): number {
    const columns = Object.values(this).filter((value): value is Column => ArrayBuffer.isView(value));
    return [...columns, ...this.chunks].reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** The index of the row to be written, all of it 0 but for what an earlier row left there: a reader writes every column. */
  next(): number {
    if (this.length === this.netns.length) this.resize(Math.max(FIRST_CAPACITY, this.length < 1 << 18 ? this.length * 2 : this.length + (this.length >> 1)));
    return this.length;
  }

  /** Points the row being read at its tail; nothing is copied before it is kept. */
  setTail(bytes: Uint8Array, start: number, end: number): void {
    this.pending.bytes = bytes;
    this.pending.start = start;
    this.pending.end = end;
  }

  /** Makes the row being read one of ours. */
  keep(): void {
    const { bytes, start, end } = this.pending;
    const length = end - start;
    const last = this.length - 1;
    if (last >= 0 && this.tailLength[last] === length && this.isLastTail(last, bytes, start, length)) this.tailAt[this.length] = this.tailAt[last] ?? 0;
    else this.tailAt[this.length] = this.store(bytes, start, length);
    this.tailLength[this.length] = length;
    this.length++;
  }

  /** Of a row, or of the row being read. */
  tail(index: number): Uint8Array {
    if (index === this.length) return this.pending.bytes.subarray(this.pending.start, this.pending.end);
    const at = this.tailAt[index] ?? 0;
    const start = at & (CHUNK - 1);
    return (this.chunks[at >>> CHUNK_BITS] ?? this.pending.bytes).subarray(start, start + (this.tailLength[index] ?? 0));
  }

  /** Hex. */
  cookie(index: number): string {
    return ((BigInt(this.cookieHigh[index] ?? 0) << 32n) | BigInt(this.cookieLow[index] ?? 0)).toString(16);
  }

  /** Gives back the memory that further rows would have taken. */
  trim(): void {
    this.resize(this.length);
    this.pending = { bytes: new Uint8Array(0), start: 0, end: 0 };
  }

  private isLastTail(last: number, bytes: Uint8Array, start: number, length: number): boolean {
    const at = this.tailAt[last] ?? 0;
    const chunk = this.chunks[at >>> CHUNK_BITS];
    if (!chunk) return length === 0;
    const offset = (at & (CHUNK - 1)) - start;
    for (let i = start; i < start + length; i++) if (bytes[i] !== chunk[offset + i]) return false;
    return true;
  }

  /** The first chunk grows, so that a few sockets stay small; the others have their size. */
  private store(bytes: Uint8Array, start: number, length: number): number {
    if (length > CHUNK) throw new DomainError("sockdiag/too-large", `attributes of ${length} bytes`);
    let chunk = this.chunks.at(-1);
    if (!chunk || this.used + length > CHUNK) chunk = this.addChunk(length);
    else if (this.used + length > chunk.length) chunk = this.chunks[this.chunks.length - 1] = moved(chunk, Math.min(CHUNK, 2 * (this.used + length)));
    chunk.set(bytes.subarray(start, start + length), this.used);
    const at = (this.chunks.length - 1) * CHUNK + this.used;
    this.used += length;
    return at;
  }

  private addChunk(length: number): Uint8Array {
    if (this.chunks.length === CHUNK_LIMIT) throw new DomainError("sockdiag/too-large", "the attributes of these sockets take more than 4 GiB");
    const chunk = new Uint8Array(this.chunks.length === 0 ? Math.max(FIRST_CHUNK, length) : CHUNK);
    this.chunks.push(chunk);
    this.used = 0;
    return chunk;
  }

  private resize(rows: number): void {
    for (const name of ["netns"] as const) this[name] = moved(this[name], rows);
    for (const name of ["protocol", "family", "state", "type", "timer", "retransmits", "known"] as const) this[name] = moved(this[name], rows);
    for (const name of ["localPort", "remotePort", "interfaceIndex", "expires", "recvQ", "sendQ", "uid", "inode", "cookieLow", "cookieHigh", "tailAt", "tailLength"] as const) {
      this[name] = moved(this[name], rows);
    }
    this.localAddress = moved(this.localAddress, rows * 4);
    this.remoteAddress = moved(this.remoteAddress, rows * 4);
  }
}
