import { hostIsLittle } from "../base/words";
import { toPc, type AddressLayout } from "./addressLayout";
import { SHN, STT } from "./elfConstants";
import type { ElfFile } from "./elfFile";

/** Words of one symbol: name offset; st_info, st_other and section index; value; size. Low halves come first. */
const wordsPerSymbol = 6;
/** Symbols farther from the code than this are no code (per-CPU offsets, absolute values). */
const farthest = 2 ** 32;

/**
 * The entries of a .symtab as they are in the file: no objects, no columns. A 64-bit little-endian
 * table, which is what nearly all are, is used in place; others are rewritten to the same words once.
 */
export class SymbolEntries {
  readonly count: number;

  /** @param extended section indexes that did not fit into the entries, by symbol (SHT_SYMTAB_SHNDX) */
  constructor(
    private readonly words: Uint32Array,
    private readonly layout: AddressLayout,
    private readonly extended: Uint32Array | undefined,
  ) {
    this.count = words.length / wordsPerSymbol;
  }

  static parse(bytes: Uint8Array, elf: Pick<ElfFile, "header" | "endianness">, layout: AddressLayout, extended: Uint32Array | undefined): SymbolEntries {
    return new SymbolEntries(wordsOf(bytes, elf.header.wordSize === 8, elf.endianness === "little"), layout, extended);
  }

  nameAt(index: number): number {
    return this.words[index * wordsPerSymbol] ?? 0;
  }

  infoAt(index: number): number {
    return (this.words[index * wordsPerSymbol + 1] ?? 0) & 0xff;
  }

  sizeAt(index: number): number {
    const at = index * wordsPerSymbol + 4;
    return (this.words[at] ?? 0) + (this.words[at + 1] ?? 0) * 0x1_0000_0000;
  }

  /** Index of its section; 0 for a symbol that is in none (undefined, absolute, common). */
  sectionAt(index: number): number {
    const plain = (this.words[index * wordsPerSymbol + 1] ?? 0) >>> 16;
    if (plain < SHN.LORESERVE) return plain;
    return plain === SHN.XINDEX ? (this.extended?.[index] ?? SHN.UNDEF) : SHN.UNDEF;
  }

  /** Of a place in a section that a frame could be in; NaN for everything else. */
  pcAt(index: number): number {
    const type = this.infoAt(index) & 15;
    const section = this.sectionAt(index);
    if (section === SHN.UNDEF || type === STT.SECTION || type === STT.FILE) return NaN;
    const at = index * wordsPerSymbol + 2;
    const value = toPc(this.layout.base, this.words[at + 1] ?? 0, this.words[at] ?? 0);
    const pc = this.layout.placed ? (this.layout.placed[section] ?? NaN) + value : value;
    return Math.abs(pc) < farthest ? pc : NaN;
  }

  /** Indexes of the places whose name stands at an offset of the string table. */
  *withName(offset: number): Iterable<number> {
    const { words } = this;
    for (let at = words.indexOf(offset); at >= 0; at = words.indexOf(offset, at + 1)) {
      const index = at / wordsPerSymbol;
      if (Number.isInteger(index) && !Number.isNaN(this.pcAt(index))) yield index;
    }
  }

  /** Indexes of places by the offset of their name, for offsets of a set. */
  withNames(offsets: ReadonlySet<number>): Map<number, number[]> {
    const found = new Map<number, number[]>();
    const filter = new Uint8Array(0x1_0000);
    for (const offset of offsets) filter[offset & 0xffff] = 1;
    const { words } = this;
    for (let at = 0; at < words.length; at += wordsPerSymbol) {
      const name = words[at] ?? 0;
      if (filter[name & 0xffff] === 0 || !offsets.has(name) || Number.isNaN(this.pcAt(at / wordsPerSymbol))) continue;
      const known = found.get(name);
      if (known) known.push(at / wordsPerSymbol);
      else found.set(name, [at / wordsPerSymbol]);
    }
    return found;
  }

  /** Whether places can be found by their block of 64 KiB: addresses are in the file as they are in `pcAt`. */
  get hasBlocks(): boolean {
    return this.layout.placed === undefined;
  }

  blockOf(pc: number): number {
    return Math.floor((this.layout.base.low + pc) / blockSize);
  }

  /** Indexes of the symbols in a block, found by the upper halves of their values' low words: a native search. */
  inBlock(block: number): number[] {
    const found: number[] = [];
    const halves = new Uint16Array(this.words.buffer, this.words.byteOffset, this.words.length * 2);
    for (let at = halves.indexOf(block & 0xffff); at >= 0; at = halves.indexOf(block & 0xffff, at + 1)) {
      if (at % (2 * wordsPerSymbol) === upperHalfOfValue) found.push((at - upperHalfOfValue) / (2 * wordsPerSymbol));
    }
    return found;
  }

  /** The same for several blocks, in one pass over all symbols. */
  inBlocks(blocks: Iterable<number>): number[] {
    const found: number[] = [];
    const filter = new Uint8Array(0x1_0000);
    for (const block of blocks) filter[block & 0xffff] = 1;
    const halves = new Uint16Array(this.words.buffer, this.words.byteOffset, this.words.length * 2);
    for (let at = upperHalfOfValue; at < halves.length; at += 2 * wordsPerSymbol) {
      if (filter[halves[at] ?? 0] !== 0) found.push((at - upperHalfOfValue) / (2 * wordsPerSymbol));
    }
    return found;
  }
}

const blockSize = 0x1_0000;
/** Place of the upper half of a value's low word among the 16-bit halves of a symbol. */
const upperHalfOfValue = hostIsLittle ? 5 : 4;

function wordsOf(bytes: Uint8Array, wide: boolean, little: boolean): Uint32Array {
  const entrySize = wide ? 24 : 16;
  const count = Math.floor(bytes.length / entrySize);
  if (wide && little && hostIsLittle && bytes.byteOffset % 4 === 0) return new Uint32Array(bytes.buffer, bytes.byteOffset, count * wordsPerSymbol);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = new Uint32Array(count * wordsPerSymbol);
  const [lowHalf, highHalf] = little ? [0, 4] : [4, 0];
  for (let at = 0, to = 0; to < words.length; at += entrySize, to += wordsPerSymbol) {
    const flags = at + (wide ? 4 : 12);
    words[to] = view.getUint32(at, little);
    words[to + 1] = view.getUint8(flags) | (view.getUint8(flags + 1) << 8) | (view.getUint16(flags + 2, little) << 16);
    words[to + 2] = wide ? view.getUint32(at + 8 + lowHalf, little) : view.getUint32(at + 4, little);
    words[to + 3] = wide ? view.getUint32(at + 8 + highHalf, little) : 0;
    words[to + 4] = wide ? view.getUint32(at + 16 + lowHalf, little) : view.getUint32(at + 8, little);
    words[to + 5] = wide ? view.getUint32(at + 16 + highHalf, little) : 0;
  }
  return words;
}
