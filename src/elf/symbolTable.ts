import { ByteReader } from "../base/byteReader";
import { DomainError } from "../base/errors";
import { toPc, type AddressLayout } from "./addressLayout";
import { SHN, SHT, STB, STT } from "./elfConstants";
import type { ElfFile } from "./elfFile";
import { readRange, type Reading } from "./reading";
import { stringAt, type SectionHeader } from "./sectionHeader";

export interface ElfSymbol {
  readonly name: string;
  readonly pc: number;
  /** st_size: 0 for most assembler labels. */
  readonly size: number;
  readonly type: number;
  readonly binding: number;
  /** Index of its section. */
  readonly section: number;
}

/** After this many names, finding them one by one costs more than a map of all. */
const namesBeforeMap = 48;
/** After this many questions for neighbours, sorting is cheaper than passing over all symbols for each. */
const placesBeforeOrder = 8;
/** Symbols farther from the code than this are no code (per-CPU offsets, absolute values). */
const farthest = 2 ** 32;

/**
 * A whole .symtab in columns. The linker leaves it unsorted and without a hash, so it is read whole;
 * a few names are found by searching the string table's bytes, which costs less than making 100 000 strings.
 */
export class SymbolTable {
  private orderKeys: Float64Array | undefined;
  /** Names asked for so far, or all of them. */
  private nameMap = new Map<string, number[]>();
  private mapIsWhole = false;
  private placesAsked = 0;
  /** Above every index, so that `pc * scale + index` sorts by pc and carries the index. */
  private readonly scale: number;

  constructor(
    private readonly columns: SymbolColumns,
    private readonly names: Uint8Array,
  ) {
    this.scale = 2 ** Math.ceil(Math.log2(columns.pc.length + 1));
  }

  static empty(): SymbolTable {
    const [pc, size, name] = [new Float64Array(), new Float64Array(), new Uint32Array()];
    return new SymbolTable({ pc, size, name, info: new Uint8Array(), section: new Uint32Array() }, new Uint8Array());
  }

  get length(): number {
    return this.columns.pc.length;
  }

  symbol(index: number): ElfSymbol {
    const { pc, size, info, section } = this.columns;
    const flags = info[index] ?? 0;
    return {
      name: this.nameOf(index),
      pc: pc[index] ?? NaN,
      size: size[index] ?? 0,
      type: flags & 15,
      binding: flags >> 4,
      section: section[index] ?? 0,
    };
  }

  /** All symbols of that name that stand for a place in a section, in the order of the table. */
  named(name: string): ElfSymbol[] {
    return this.indexesOf(name).map((index) => this.symbol(index));
  }

  /** The symbol whose code a pc belongs to by address alone: the greatest one not above it, the best of several there. */
  before(pc: number): ElfSymbol | undefined {
    const keys = this.ordered();
    const key = keys[upperBound(keys, pc * this.scale + this.scale - 1) - 1];
    return key === undefined ? undefined : this.at(Math.floor(key / this.scale));
  }

  /** The best symbol that starts exactly there: functions before labels, global before local, as people know them. */
  at(pc: number): ElfSymbol | undefined {
    let best: ElfSymbol | undefined;
    for (const index of this.indexesAt(pc)) {
      const symbol = this.symbol(index);
      if (symbol.name !== "" && (!best || rank(symbol) > rank(best))) best = symbol;
    }
    return best;
  }

  /** The pc of the first symbol above with a name that `counts` accepts; undefined above the last one. */
  next(pc: number, counts: (name: string) => boolean = () => true): number | undefined {
    if (!this.orderKeys && this.placesAsked++ < placesBeforeOrder) return this.nextUnordered(pc, counts);
    const keys = this.ordered();
    for (let at = upperBound(keys, pc * this.scale + this.scale - 1); at < keys.length; at++) {
      const key = keys[at] ?? NaN;
      if (counts(this.nameOf(key - Math.floor(key / this.scale) * this.scale))) return Math.floor(key / this.scale);
    }
    return undefined;
  }

  private nextUnordered(pc: number, counts: (name: string) => boolean): number | undefined {
    const { pc: pcs } = this.columns;
    let least = Infinity;
    for (let index = 0; index < pcs.length; index++) {
      const own = pcs[index] ?? NaN;
      if (own > pc && own < least && this.isPlace(index) && counts(this.nameOf(index))) least = own;
    }
    return least === Infinity ? undefined : least;
  }

  private indexesOf(name: string): number[] {
    const known = this.nameMap.get(name);
    if (known || this.mapIsWhole) return known ?? [];
    if (this.nameMap.size >= namesBeforeMap) {
      this.nameMap = this.mapNames();
      this.mapIsWhole = true;
      return this.nameMap.get(name) ?? [];
    }
    const found = this.search(name);
    this.nameMap.set(name, found);
    return found;
  }

  private nameOf(index: number): string {
    return stringAt(this.names, this.columns.name[index] ?? 0);
  }

  private *indexesAt(pc: number): Iterable<number> {
    const keys = this.ordered();
    for (let at = upperBound(keys, pc * this.scale - 1); at < keys.length; at++) {
      const index = (keys[at] ?? NaN) - pc * this.scale;
      if (!(index < this.scale)) return;
      yield index;
    }
  }

  private isPlace(index: number): boolean {
    const type = (this.columns.info[index] ?? 0) & 15;
    return Math.abs(this.columns.pc[index] ?? NaN) < farthest && type !== STT.SECTION && type !== STT.FILE;
  }

  /** Places by pc, as `pc * scale + index`: exact, and sorted without a comparison function. */
  private ordered(): Float64Array {
    if (this.orderKeys) return this.orderKeys;
    const { pc } = this.columns;
    const keys = new Float64Array(pc.length);
    let count = 0;
    for (let index = 0; index < pc.length; index++) {
      if (this.isPlace(index)) keys[count++] = (pc[index] ?? NaN) * this.scale + index;
    }
    return (this.orderKeys = keys.subarray(0, count).sort());
  }

  private search(name: string): number[] {
    const offsets = new Set(this.nameOffsets(name));
    const found: number[] = [];
    if (offsets.size === 0) return found;
    const column = this.columns.name;
    for (let index = 0; index < column.length; index++) {
      if (offsets.has(column[index] ?? 0) && this.isPlace(index)) found.push(index);
    }
    return found;
  }

  /** Where a name can begin in the string table: linkers let a name be the tail of a longer one. */
  private *nameOffsets(name: string): Iterable<number> {
    if (name === "") return;
    const table = Buffer.from(this.names.buffer, this.names.byteOffset, this.names.length);
    const text = Buffer.from(`${name}\0`);
    for (let at = table.indexOf(text); at >= 0; at = table.indexOf(text, at + 1)) yield at;
  }

  private mapNames(): Map<string, number[]> {
    const map = new Map<string, number[]>();
    for (let index = 0; index < this.length; index++) {
      if (!this.isPlace(index)) continue;
      const name = this.nameOf(index);
      const known = map.get(name);
      if (known) known.push(index);
      else map.set(name, [index]);
    }
    return map;
  }
}

/** pc is NaN for symbols that are no place in a section: undefined, absolute, common. */
interface SymbolColumns {
  readonly pc: Float64Array;
  readonly size: Float64Array;
  readonly name: Uint32Array;
  readonly info: Uint8Array;
  readonly section: Uint32Array;
}

/** undefined when the file has no symbol table. */
export function* readSymbolTable(elf: ElfFile, layout: AddressLayout): Reading<SymbolTable | undefined> {
  const section = elf.sections.find(({ type }) => type === SHT.SYMTAB);
  const strings = section && elf.sections[section.link];
  if (!section || !strings) return undefined;
  const where = `${elf.file.name}: ${section.name}`;
  const [bytes, names] = yield [section, strings].map(({ offset, size }) => ({ file: elf.file, offset, length: checkSize(elf, offset, size, where) }));
  const indexes = yield* readExtendedIndexes(elf, section);
  return new SymbolTable(parseSymbols(bytes ?? new Uint8Array(), elf, layout, indexes), names ?? new Uint8Array());
}

function checkSize(elf: ElfFile, offset: number, size: number, where: string): number {
  if (offset + size > elf.file.size) throw new DomainError("elf/truncated", "the symbol table lies beyond the end of the file", where);
  return size;
}

/** Section indexes of 0xff00 and above stand in a table of their own. */
function* readExtendedIndexes(elf: ElfFile, symbols: SectionHeader): Reading<ByteReader | undefined> {
  const section = elf.sections.find(({ type, link }) => type === SHT.SYMTAB_SHNDX && link === symbols.index);
  if (!section) return undefined;
  return new ByteReader(yield* readRange(elf.file, section.offset, section.size), elf.endianness, `${elf.file.name}: ${section.name}`);
}

function parseSymbols(bytes: Uint8Array, elf: ElfFile, layout: AddressLayout, extended: ByteReader | undefined): SymbolColumns {
  const wide = elf.header.wordSize === 8;
  const entrySize = wide ? 24 : 16;
  const count = Math.floor(bytes.length / entrySize);
  const little = elf.endianness === "little";
  const [lowHalf, highHalf] = little ? [0, 4] : [4, 0];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const columns = {
    pc: new Float64Array(count).fill(NaN),
    size: new Float64Array(count),
    name: new Uint32Array(count),
    info: new Uint8Array(count),
    section: new Uint32Array(count),
  };
  for (let index = 0, at = 0; index < count; index++, at += entrySize) {
    const plain = view.getUint16(at + (wide ? 6 : 14), little);
    const section = plain === SHN.XINDEX && extended ? extended.seek(index * 4).u32() : plain;
    columns.name[index] = view.getUint32(at, little);
    columns.info[index] = view.getUint8(at + (wide ? 4 : 12));
    columns.section[index] = section;
    columns.size[index] = wide ? view.getUint32(at + 16 + lowHalf, little) + view.getUint32(at + 16 + highHalf, little) * 0x1_0000_0000 : view.getUint32(at + 8, little);
    if (section === SHN.UNDEF || (plain >= SHN.LORESERVE && section === plain)) continue;
    const value = wide ? toPc(layout.base, view.getUint32(at + 8 + highHalf, little), view.getUint32(at + 8 + lowHalf, little)) : view.getUint32(at + 4, little);
    columns.pc[index] = layout.placed ? (layout.placed[section] ?? NaN) + value : value;
  }
  return columns;
}

const bindingRank: Readonly<Record<number, number>> = { [STB.GLOBAL]: 2, [STB.WEAK]: 1 };

function rank({ type, binding, name }: ElfSymbol): number {
  const typeRank = type === STT.FUNC || type === STT.GNU_IFUNC ? 10 : type === STT.NOTYPE ? 5 : 0;
  return typeRank + (bindingRank[binding] ?? 0) - (name.startsWith("__pfx_") ? 20 : 0);
}

/** The number of elements that are not greater. */
export function upperBound(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? NaN) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
