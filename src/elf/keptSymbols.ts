import { hashBytes } from "../base/hashBytes";
import { getRecord, largestRecord, putRecord, sumOf, type KeptRecords } from "../base/keptRecords";
import { DomainError } from "../base/errors";
import { hostIsLittle } from "../base/words";
import type { SymbolEntries } from "./symbolEntries";
import { placesInOrder } from "./symbolOrder";

/**
 * An index of a symbol table, of which a question reads a few pages: rows in order of address, a hash table of names, and the
 * string table. Rows are numbered by their place in that order; a chain of the hash table goes through them.
 *
 * The three follow each other, each from a page's start, and are cut into records; the first record says how long they are, the sum of
 * every page, and the pc of the first row of each. The index is a cache: what it does not say as it should
 * is `elf/damaged-index`, upon which the symbol table itself is read.
 */
const [headKey, contentKey] = [0xffff_0000, 0xffff_1000];
const mark = 0x0102_0305;
const headWords = 6;

/** pc and size as doubles; name offset, next row of the chain + 1, index in the symbol table; section and info as words. */
const rowBytes = 32;
const pageBytes = 0x1000;
const rowsPerPage = pageBytes / rowBytes;
const recordBytes = largestRecord - 16;
const pagesPerRecord = Math.floor(recordBytes / pageBytes);

/** Keeps the index of a table. The first record is written last: without it there is no index. */
export function keepSymbols(entries: SymbolEntries, names: Uint8Array, records: KeptRecords): void {
  const order = placesInOrder(entries);
  const slotCount = Math.max(pageBytes, 2 ** Math.ceil(Math.log2(order.length + 1)));
  const [rowPages, slotPages, namePages] = [pagesOf(order.length * rowBytes), pagesOf(slotCount * 4), pagesOf(names.length)];
  const content = new Uint8Array((rowPages + slotPages + namePages) * pageBytes);
  const rows = order.length * rowBytes;
  const [doubles, words, slots] = [new Float64Array(content.buffer, 0, rows / 8), new Uint32Array(content.buffer, 0, rows / 4), new Uint32Array(content.buffer, rowPages * pageBytes, slotCount)];
  order.forEach((index, row) => {
    const slot = hashBytes(names, entries.nameAt(index)) & (slotCount - 1);
    doubles[row * 4] = entries.pcAt(index);
    doubles[row * 4 + 1] = entries.sizeAt(index);
    words[row * 8 + 4] = entries.nameAt(index);
    words[row * 8 + 5] = slots[slot] ?? 0;
    words[row * 8 + 6] = index;
    words[row * 8 + 7] = (entries.sectionAt(index) << 8) | entries.infoAt(index);
    slots[slot] = row + 1;
  });
  content.set(names, (rowPages + slotPages) * pageBytes);
  for (let record = 0; record * pagesPerRecord * pageBytes < content.length; record++) {
    records.put(contentKey + record, content.subarray(record * pagesPerRecord * pageBytes, (record + 1) * pagesPerRecord * pageBytes));
  }
  const sums = Uint32Array.from({ length: rowPages + slotPages + namePages }, (_, page) => sumOf(content.subarray(page * pageBytes, (page + 1) * pageBytes), page));
  const firsts = Float64Array.from({ length: rowPages }, (_, page) => doubles[page * rowsPerPage * 4] ?? NaN);
  const head = Uint32Array.of(mark, order.length, slotCount, names.length, sums.length, 0);
  putRecord(records, headKey, Buffer.concat([head, firsts, sums].map(({ buffer }) => new Uint8Array(buffer))));
}

const pagesOf = (bytes: number): number => Math.ceil(bytes / pageBytes);

/** Answers what `SymbolTable` asks of entries, names and order, from kept records. An index is the number of a row. */
export class KeptSymbols {
  private readonly pages = new Map<number, DataView>();
  /** Where the hash table and the string table begin. */
  private readonly slots: number;
  private readonly names: number;

  private constructor(
    private readonly records: KeptRecords,
    /** Places, not entries of the symbol table. */
    readonly count: number,
    private readonly slotCount: number,
    private readonly namesLength: number,
    /** pc of the first row of each page. */
    private readonly firsts: Float64Array,
    private readonly sums: Uint32Array,
  ) {
    this.slots = pagesOf(count * rowBytes) * pageBytes;
    this.names = this.slots + pagesOf(slotCount * 4) * pageBytes;
  }

  /** undefined when there is no index. */
  static open(records: KeptRecords): KeptSymbols | undefined {
    const bytes = hostIsLittle ? getRecord(records, headKey) : undefined;
    if (!bytes || bytes.length < headWords * 4) return undefined;
    const [found, count = 0, slotCount = 0, namesLength = 0, pages = 0] = new Uint32Array(bytes.buffer, bytes.byteOffset, headWords);
    const rowPages = pagesOf(count * rowBytes);
    if (found !== mark || bytes.length !== headWords * 4 + rowPages * 8 + pages * 4) return undefined;
    const firsts = new Float64Array(bytes.buffer, bytes.byteOffset + headWords * 4, rowPages);
    return new KeptSymbols(records, count, slotCount, namesLength, firsts, new Uint32Array(bytes.buffer, bytes.byteOffset + headWords * 4 + rowPages * 8, pages));
  }

  pcAt(row: number): number {
    return row >= 0 && row < this.count ? this.double(row, 0) : NaN;
  }

  sizeAt(row: number): number {
    return this.double(row, 1);
  }

  infoAt(row: number): number {
    return this.word(row, 7) & 0xff;
  }

  sectionAt(row: number): number {
    return this.word(row, 7) >>> 8;
  }

  nameOf(row: number): string {
    return Buffer.from(this.nameBytes(this.word(row, 4))).toString("utf8");
  }

  /** Nothing is gathered beforehand. */
  prepare(): void {}

  indexesOf(name: string): readonly number[] {
    if (name === "") return [];
    const wanted = Buffer.from(name);
    const slot = hashBytes(wanted, 0) & (this.slotCount - 1);
    const found: number[] = [];
    let link = this.wordAt(this.slots + slot * 4);
    for (let steps = 0; link > 0; link = this.word(link - 1, 5)) {
      if (link > this.count || steps++ > this.count) throw damaged();
      if (wanted.equals(this.nameBytes(this.word(link - 1, 4)))) found.push(link - 1);
    }
    return found.sort((a, b) => this.word(a, 6) - this.word(b, 6));
  }

  lastBefore(pc: number, counts: (row: number) => boolean): number | undefined {
    let row = this.countUpTo(pc) - 1;
    while (row >= 0 && !counts(row)) row--;
    return row < 0 ? undefined : this.pcAt(row);
  }

  /** Rows at a pc. */
  at(pc: number): number[] {
    const found: number[] = [];
    for (let row = this.countUpTo(pc) - 1; this.pcAt(row) === pc; row--) found.push(row);
    return found.reverse();
  }

  nextAbove(pc: number, counts: (row: number) => boolean): number {
    let row = this.countUpTo(pc);
    while (row < this.count && !counts(row)) row++;
    return row < this.count ? this.pcAt(row) : Infinity;
  }

  /** How many rows are not above a pc. */
  private countUpTo(pc: number): number {
    let [low, high] = [0, this.firsts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.firsts[middle] ?? NaN) <= pc) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return 0;
    [low, high] = [(low - 1) * rowsPerPage, Math.min(low * rowsPerPage, this.count)];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.pcAt(middle) <= pc) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private double(row: number, column: number): number {
    const at = row * rowBytes + column * 8;
    return this.page(Math.floor(at / pageBytes)).getFloat64(at % pageBytes, true);
  }

  private word(row: number, column: number): number {
    return this.wordAt(row * rowBytes + column * 4);
  }

  private wordAt(at: number): number {
    return this.page(Math.floor(at / pageBytes)).getUint32(at % pageBytes, true);
  }

  /** From an offset up to the NUL. */
  private nameBytes(offset: number): Uint8Array {
    const pieces: Uint8Array[] = [];
    for (let at = offset; at < this.namesLength; at += pageBytes - (at % pageBytes)) {
      const { buffer, byteOffset } = this.page(Math.floor((this.names + at) / pageBytes));
      const rest = new Uint8Array(buffer, byteOffset + (at % pageBytes), Math.min(pageBytes - (at % pageBytes), this.namesLength - at));
      const end = rest.indexOf(0);
      pieces.push(end < 0 ? rest : rest.subarray(0, end));
      if (end >= 0) break;
    }
    return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
  }

  private page(page: number): DataView {
    const known = this.pages.get(page);
    if (known) return known;
    const bytes = this.records.part(contentKey + Math.floor(page / pagesPerRecord), (page % pagesPerRecord) * pageBytes, pageBytes);
    if (!bytes || sumOf(bytes, page) !== this.sums[page]) throw damaged();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.pages.set(page, view);
    return view;
  }
}

const damaged = (): DomainError => new DomainError("elf/damaged-index", "a part of the kept index of symbols is missing or damaged");
