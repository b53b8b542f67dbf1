import { ByteReader } from "../base/byteReader";
import { DomainError, errorCode } from "../base/errors";
import type { KeptRecords } from "../base/keptRecords";
import type { AddressLayout } from "./addressLayout";
import { SHT, STB, STT } from "./elfConstants";
import type { ElfFile } from "./elfFile";
import { keepSymbols, type KeptSymbols } from "./keptSymbols";
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

/** Where a table's symbols are: in the file's own bytes, or in an index that was kept of them. An `index` is a symbol's number there. */
interface SymbolSource {
  readonly entries: Pick<SymbolEntries, "count" | "pcAt" | "sizeAt" | "infoAt" | "sectionAt">;
  readonly byName: Pick<SymbolNames, "prepare" | "indexesOf">;
  readonly order: Pick<SymbolOrder, "prepare" | "lastBefore" | "at" | "nextAbove">;
  readonly nameOf: (index: number) => string;
}

/**
 * A whole .symtab. The linker leaves it unsorted and without a hash, so it is read whole; but it stays
 * bytes, in which names and neighbours are searched for (symbolNames, symbolOrder). Where an index of it was kept, a few
 * records of that are read instead (keptSymbols).
 */
export class SymbolTable {
  private constructor(
    private source: SymbolSource,
    /** Reads the file's own table, where an index of it turns out to be damaged, or does not tell. */
    private readonly whole: () => TableBytes,
  ) {}

  static of(table: TableBytes): SymbolTable {
    return new SymbolTable(sourceOf(table), () => table);
  }

  /** @param whole reads the table itself */
  static kept(symbols: KeptSymbols, whole: () => TableBytes): SymbolTable {
    return new SymbolTable({ entries: symbols, byName: symbols, order: symbols, nameOf: (index) => symbols.nameOf(index) }, whole);
  }

  static empty(layout: AddressLayout): SymbolTable {
    return SymbolTable.of(noSymbols(layout));
  }

  get length(): number {
    return this.source.entries.count;
  }

  symbol(index: number): ElfSymbol {
    return this.ask((source) => symbolOf(source, index));
  }

  /** Announces names and pcs that will be asked for: together they are found in one pass. */
  prepare(names: readonly string[], pcs: readonly number[]): void {
    const { byName, order } = this.source;
    byName.prepare(names);
    if (names.length + pcs.length <= 1) return;
    order.prepare([...pcs, ...names.flatMap((name) => this.named(name).map(({ pc }) => pc))]);
  }

  /** All symbols of that name that stand for a place in a section, in the order of the table. */
  named(name: string): ElfSymbol[] {
    return this.ask((source) => source.byName.indexesOf(name).map((index) => symbolOf(source, index)));
  }

  /** Names that begin with this one and a dot, as compilers name the clones of a function. */
  clonesOf(name: string): string[] {
    const { names } = this.whole();
    const table = Buffer.from(names.buffer, names.byteOffset, names.length);
    const start = Buffer.from(`\0${name}.`);
    const found: string[] = [];
    for (let at = table.indexOf(start); at >= 0; at = table.indexOf(start, at + 1)) found.push(stringAt(names, at + 1));
    return found;
  }

  /**
   * The symbol whose code a pc belongs to by address alone: the greatest one not above it. Of several
   * there functions come before labels, and global before local ones, as people know them.
   */
  before(pc: number, counts: (name: string) => boolean): ElfSymbol | undefined {
    return this.ask((source) => {
      const last = source.order.lastBefore(pc, (index) => counts(source.nameOf(index)));
      if (last === undefined) return undefined;
      let best: ElfSymbol | undefined;
      for (const index of source.order.at(last)) {
        const symbol = symbolOf(source, index);
        if (counts(symbol.name) && (!best || rank(symbol) > rank(best))) best = symbol;
      }
      return best;
    });
  }

  /** What follows above a pc. */
  following(pc: number, counts: (name: string) => boolean): Following {
    return this.ask(({ order, nameOf }) => {
      const counted = order.nextAbove(pc, (index) => counts(nameOf(index)));
      return { counted, nearest: order.nextAbove(pc, () => true) };
    });
  }

  /** Keeps an index, for `KeptSymbols.open`. */
  keep(records: KeptRecords): void {
    const { entries, names } = this.whole();
    keepSymbols(entries, names, records);
  }

  private ask<T>(question: (source: SymbolSource) => T): T {
    try {
      return question(this.source);
    } catch (error) {
      if (errorCode(error) !== "elf/damaged-index") throw error;
      this.source = sourceOf(this.whole());
      return question(this.source);
    }
  }
}

/** The bytes of a symbol table. */
export interface TableBytes {
  readonly entries: SymbolEntries;
  readonly names: Uint8Array;
}

export const noSymbols = (layout: AddressLayout): TableBytes => ({ entries: new SymbolEntries(new Uint32Array(), layout, undefined), names: new Uint8Array() });

function sourceOf({ entries, names }: TableBytes): SymbolSource {
  // Whoever asks whether a symbol counts takes it next.
  let last = -1;
  let name = "";
  const nameOf = (index: number): string => {
    if (index !== last) name = stringAt(names, entries.nameAt(index));
    last = index;
    return name;
  };
  return { entries, byName: new SymbolNames(entries, names), order: new SymbolOrder(entries), nameOf };
}

function symbolOf({ entries, nameOf }: SymbolSource, index: number): ElfSymbol {
  const info = entries.infoAt(index);
  return { name: nameOf(index), pc: entries.pcAt(index), size: entries.sizeAt(index), type: info & 15, binding: info >> 4, section: entries.sectionAt(index) };
}

/** undefined when the file has no symbol table. */
export function* readSymbolTable(elf: ElfFile, layout: AddressLayout): Reading<SymbolTable | undefined> {
  const table = yield* readTableBytes(elf, layout);
  return table && SymbolTable.of(table);
}

export function* readTableBytes(elf: ElfFile, layout: AddressLayout): Reading<TableBytes | undefined> {
  const section = elf.sections.find(({ type }) => type === SHT.SYMTAB);
  const strings = section && elf.sections[section.link];
  if (!section || !strings) return undefined;
  const where = `${elf.file.name}: ${section.name}`;
  const [bytes, names] = yield [section, strings].map(({ offset, size }) => ({ file: elf.file, offset, length: checkSize(elf, offset, size, where) }));
  const extended = yield* readExtendedIndexes(elf, section);
  return { entries: SymbolEntries.parse(bytes ?? new Uint8Array(), elf, layout, extended), names: names ?? new Uint8Array() };
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
