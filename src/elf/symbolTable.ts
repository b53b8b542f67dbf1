import { ByteReader } from "../base/byteReader";
import { DomainError } from "../base/errors";
import type { AddressLayout } from "./addressLayout";
import { SHT, STB, STT } from "./elfConstants";
import type { ElfFile } from "./elfFile";
import { readRange, type Reading } from "./reading";
import { stringAt, type SectionHeader } from "./sectionHeader";
import { SymbolEntries } from "./symbolEntries";
import { SymbolNames } from "./symbolNames";
import { SymbolOrder } from "./symbolOrder";

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

/**
 * A whole .symtab. The linker leaves it unsorted and without a hash, so it is read whole; but it stays
 * bytes, in which names and neighbours are searched for (symbolNames, symbolOrder).
 */
export class SymbolTable {
  private readonly byName: SymbolNames;
  private readonly order: SymbolOrder;

  constructor(
    private readonly entries: SymbolEntries,
    private readonly names: Uint8Array,
  ) {
    this.byName = new SymbolNames(entries, names);
    this.order = new SymbolOrder(entries);
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

  /** Announces names and pcs that will be asked for: together they are found in one pass. */
  prepare(names: readonly string[], pcs: readonly number[]): void {
    this.byName.prepare(names);
    if (names.length + pcs.length <= 1) return;
    this.order.prepare([...pcs, ...names.flatMap((name) => this.named(name).map(({ pc }) => pc))]);
  }

  /** All symbols of that name that stand for a place in a section, in the order of the table. */
  named(name: string): ElfSymbol[] {
    return this.byName.indexesOf(name).map((index) => this.symbol(index));
  }

  /** Names that begin with this one and a dot, as compilers name the clones of a function. */
  clonesOf(name: string): string[] {
    const table = Buffer.from(this.names.buffer, this.names.byteOffset, this.names.length);
    const start = Buffer.from(`\0${name}.`);
    const found: string[] = [];
    for (let at = table.indexOf(start); at >= 0; at = table.indexOf(start, at + 1)) found.push(stringAt(this.names, at + 1));
    return found;
  }

  /**
   * The symbol whose code a pc belongs to by address alone: the greatest one not above it. Of several
   * there functions come before labels, and global before local ones, as people know them.
   */
  before(pc: number, counts: (name: string) => boolean): ElfSymbol | undefined {
    const last = this.order.lastBefore(pc, (index) => counts(this.nameOf(index)));
    if (last === undefined) return undefined;
    let best: ElfSymbol | undefined;
    for (const index of this.order.at(last)) {
      const symbol = this.symbol(index);
      if (counts(symbol.name) && (!best || rank(symbol) > rank(best))) best = symbol;
    }
    return best;
  }

  /** What follows above a pc. */
  following(pc: number, counts: (name: string) => boolean): Following {
    const counted = this.order.nextAbove(pc, (index) => counts(this.nameOf(index)));
    return { counted, nearest: this.order.nextAbove(pc, () => true) };
  }

  private nameOf(index: number): string {
    return stringAt(this.names, this.entries.nameAt(index));
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
