import { ByteReader } from "../base/byteReader";
import { DomainError } from "../base/errors";
import type { AddressLayout } from "./addressLayout";
import { SHT, STB, STT } from "./elfConstants";
import type { ElfFile } from "./elfFile";
import { readRange, type Reading } from "./reading";
import { stringAt, type SectionHeader } from "./sectionHeader";
import { SymbolEntries } from "./symbolEntries";
import { SymbolNames } from "./symbolNames";

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

/** The nearest symbols above a pc; Infinity where there is none. */
export interface Following {
  /** pc of the nearest of any name. */
  readonly nearest: number;
  /** pc of the nearest whose name counts. */
  readonly counted: number;
}

/** After this many questions for neighbours, sorting is cheaper than passing over all symbols for each. */
const placesBeforeOrder = 24;

/**
 * A whole .symtab. The linker leaves it unsorted and without a hash, so it is read whole; but the first
 * few questions are answered by a pass over its bytes, as most processes ask no more than that.
 */
export class SymbolTable {
  private readonly byName: SymbolNames;
  private orderKeys: Float64Array | undefined;
  private placesAsked = 0;
  /** Above every index, so that `pc * scale + index` sorts by pc and carries the index. */
  private readonly scale: number;

  constructor(
    private readonly entries: SymbolEntries,
    private readonly names: Uint8Array,
  ) {
    this.byName = new SymbolNames(entries, names);
    this.scale = 2 ** Math.ceil(Math.log2(entries.count + 1));
  }

  static empty(layout: AddressLayout): SymbolTable {
    return new SymbolTable(new SymbolEntries(new Uint32Array(), layout, undefined), new Uint8Array());
  }

  get length(): number {
    return this.entries.count;
  }

  symbol(index: number): ElfSymbol {
    const { entries } = this;
    const info = entries.infoAt(index);
    return { name: this.nameOf(index), pc: entries.pcAt(index), size: entries.sizeAt(index), type: info & 15, binding: info >> 4, section: entries.sectionAt(index) };
  }

  /** All symbols of that name that stand for a place in a section, in the order of the table. */
  named(name: string): ElfSymbol[] {
    return this.byName.indexesOf(name).map((index) => this.symbol(index));
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

  /** What follows above a pc. */
  following(pc: number, counts: (name: string) => boolean): Following {
    if (!this.orderKeys && this.placesAsked++ < placesBeforeOrder) return this.followingUnordered(pc, counts);
    const keys = this.ordered();
    const first = upperBound(keys, pc * this.scale + this.scale - 1);
    let at = first;
    while (at < keys.length && !counts(this.nameOf(this.indexOf(keys[at] ?? NaN)))) at++;
    return { nearest: Math.floor((keys[first] ?? Infinity) / this.scale), counted: Math.floor((keys[at] ?? Infinity) / this.scale) };
  }

  private followingUnordered(pc: number, counts: (name: string) => boolean): Following {
    let [nearest, counted] = [Infinity, Infinity];
    this.entries.forEachNearer(pc, (index, own) => {
      nearest = Math.min(nearest, own);
      if (!counts(this.nameOf(index))) return false;
      counted = own;
      return true;
    });
    return { nearest, counted };
  }

  private nameOf(index: number): string {
    return stringAt(this.names, this.entries.nameAt(index));
  }

  private indexOf(key: number): number {
    return key - Math.floor(key / this.scale) * this.scale;
  }

  private *indexesAt(pc: number): Iterable<number> {
    const keys = this.ordered();
    for (let at = upperBound(keys, pc * this.scale - 1); at < keys.length; at++) {
      const index = (keys[at] ?? NaN) - pc * this.scale;
      if (!(index < this.scale)) return;
      yield index;
    }
  }

  /** Places by pc, as `pc * scale + index`: exact, and sorted without a comparison function. */
  private ordered(): Float64Array {
    if (this.orderKeys) return this.orderKeys;
    const { entries, scale } = this;
    const keys = new Float64Array(entries.count);
    let count = 0;
    for (let index = 0; index < entries.count; index++) {
      const pc = entries.pcAt(index);
      if (!Number.isNaN(pc)) keys[count++] = pc * scale + index;
    }
    return (this.orderKeys = keys.subarray(0, count).sort());
  }
}

/** undefined when the file has no symbol table. */
export function* readSymbolTable(elf: ElfFile, layout: AddressLayout): Reading<SymbolTable | undefined> {
  const section = elf.sections.find(({ type }) => type === SHT.SYMTAB);
  const strings = section && elf.sections[section.link];
  if (!section || !strings) return undefined;
  const where = `${elf.file.name}: ${section.name}`;
  const [bytes, names] = yield [section, strings].map(({ offset, size }) => ({ file: elf.file, offset, length: checkSize(elf, offset, size, where) }));
  const extended = yield* readExtendedIndexes(elf, section);
  return new SymbolTable(SymbolEntries.parse(bytes ?? new Uint8Array(), elf, layout, extended), names ?? new Uint8Array());
}

function checkSize(elf: ElfFile, offset: number, size: number, where: string): number {
  if (offset + size > elf.file.size) throw new DomainError("elf/truncated", "the symbol table lies beyond the end of the file", where);
  return size;
}

/** Section indexes of 0xff00 and above stand in a table of their own. */
function* readExtendedIndexes(elf: ElfFile, symbols: SectionHeader): Reading<Uint32Array | undefined> {
  const section = elf.sections.find(({ type, link }) => type === SHT.SYMTAB_SHNDX && link === symbols.index);
  if (!section) return undefined;
  const reader = new ByteReader(yield* readRange(elf.file, section.offset, section.size), elf.endianness, `${elf.file.name}: ${section.name}`);
  return Uint32Array.from({ length: Math.floor(reader.length / 4) }, () => reader.u32());
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
