import { DomainError } from "../base/errors";
import { wordsOf } from "../base/words";
import type { AddressLayout } from "./addressLayout";
import { ET, SHN, SHT } from "./elfConstants";
import type { ElfFile } from "./elfFile";
import { readRange, type Reading } from "./reading";
import { applyRelocation, relocationOperation } from "./relocationOperations";
import { openSection, type SectionData, type Span } from "./sectionData";
import type { SectionHeader } from "./sectionHeader";

/**
 * In a relocatable file (a kernel module) the debug sections are full of zeros until the relocations of
 * `.rela.debug_…` are applied: addresses, and offsets into other debug sections alike. They are applied
 * to the spans that are read, never to a whole section. In a linked file relocations that were kept
 * (`--emit-relocs`) have been applied already and must be left alone.
 */
export function openRelocatedSection(elf: ElfFile, section: SectionHeader, layout: AddressLayout): SectionData {
  const plain = openSection(elf, section);
  if (elf.header.type !== ET.REL) return plain;
  const relocations = elf.sections.find(({ type, info }) => (type === SHT.RELA || type === SHT.REL) && info === section.index);
  return relocations ? new RelocatedSection(elf, plain, relocations, layout) : plain;
}

interface Relocation {
  readonly offset: number;
  readonly type: number;
  readonly symbol: number;
  /** undefined: it stands where the relocation goes (SHT_REL). */
  readonly addend: number | undefined;
}

class RelocatedSection implements SectionData {
  readonly isPlain = false;
  private table: RelocationTable | undefined;

  constructor(
    private readonly elf: ElfFile,
    private readonly plain: SectionData,
    private readonly relocations: SectionHeader,
    private readonly layout: AddressLayout,
  ) {}

  get where(): string {
    return this.plain.where;
  }

  get size(): number {
    return this.plain.size;
  }

  *readSpans(spans: readonly Span[]): Reading<readonly Uint8Array[]> {
    const table = (this.table ??= yield* readRelocations(this.elf, this.relocations, this.layout));
    const bytes = yield* this.plain.readSpans(spans);
    return bytes.map((piece, index) => table.apply(piece, spans[index]?.offset ?? 0, this.where));
  }
}

function* readRelocations(elf: ElfFile, section: SectionHeader, layout: AddressLayout): Reading<RelocationTable> {
  const symbols = elf.sections[section.link];
  if (!symbols) throw new DomainError("elf/bad-relocation", "relocations without a symbol table", `${elf.file.name}: ${section.name}`);
  const bytes = yield* readRange(elf.file, section.offset, section.size);
  const symbolBytes = yield* readRange(elf.file, symbols.offset, symbols.size);
  return new RelocationTable(elf, section, bytes, symbolBytes, layout);
}

class RelocationTable {
  private readonly words: Uint32Array;
  private readonly symbols: DataView;
  private readonly little: boolean;
  private readonly wide: boolean;
  private readonly wordsPerEntry: number;
  private readonly count: number;
  private readonly sorted: Uint32Array | undefined;
  private readonly where: string;

  constructor(
    private readonly elf: ElfFile,
    private readonly section: SectionHeader,
    bytes: Uint8Array,
    symbols: Uint8Array,
    private readonly layout: AddressLayout,
  ) {
    this.where = `${elf.file.name}: ${section.name}`;
    this.little = elf.endianness === "little";
    this.wide = elf.header.wordSize === 8;
    this.words = wordsOf(bytes, elf.endianness);
    this.symbols = new DataView(symbols.buffer, symbols.byteOffset, symbols.byteLength);
    this.wordsPerEntry = ((section.type === SHT.RELA ? 3 : 2) * elf.header.wordSize) / 4;
    this.count = Math.floor(this.words.length / this.wordsPerEntry);
    this.sorted = this.orderWhenUnsorted();
  }

  /** A copy of the bytes with the relocations that fall into them applied, in order. `start` is their offset in the section. */
  apply(bytes: Uint8Array, start: number, where: string): Uint8Array {
    const end = start + bytes.length;
    const copy = Uint8Array.from(bytes);
    const view = new DataView(copy.buffer);
    for (let index = this.firstFrom(start); index < this.count; index++) {
      const relocation = this.at(index);
      if (relocation.offset >= end) break;
      this.write(view, relocation, relocation.offset - start, where);
    }
    return copy;
  }

  private write(view: DataView, { type, symbol, addend, offset }: Relocation, at: number, where: string): void {
    const { machine } = this.elf.header;
    const operation = relocationOperation(machine, type);
    if (!operation) {
      throw new DomainError("elf/relocation-unsupported", `relocation type ${type} of machine ${machine} is not known`, `${where}+0x${offset.toString(16)}`);
    }
    // A relocation cut off by the span's end belongs to bytes nobody asked for.
    if (operation.width === 0 || at + operation.width > view.byteLength) return;
    const implicit = addend ?? (operation.width >= 4 ? view.getInt32(at, this.little) : 0);
    applyRelocation(view, at, this.little, operation, this.symbolPc(symbol) + implicit);
  }

  private at(position: number): Relocation {
    const { words, wide, little } = this;
    const at = (this.sorted ? (this.sorted[position] ?? 0) : position) * this.wordsPerEntry;
    const hasAddend = this.section.type === SHT.RELA;
    if (!wide) {
      const info = words[at + 1] ?? 0;
      return { offset: words[at] ?? 0, symbol: info >>> 8, type: info & 0xff, addend: hasAddend ? (words[at + 2] ?? 0) | 0 : undefined };
    }
    const [low, high] = little ? [0, 1] : [1, 0];
    const addend = (words[at + 4 + low] ?? 0) + ((words[at + 4 + high] ?? 0) | 0) * 0x1_0000_0000;
    return { offset: this.offsetAt(position), type: words[at + 2 + low] ?? 0, symbol: words[at + 2 + high] ?? 0, addend: hasAddend ? addend : undefined };
  }

  private offsetAt(position: number): number {
    const { words, wide, little } = this;
    const at = (this.sorted ? (this.sorted[position] ?? 0) : position) * this.wordsPerEntry;
    if (!wide) return words[at] ?? 0;
    return little ? (words[at] ?? 0) + (words[at + 1] ?? 0) * 0x1_0000_0000 : (words[at + 1] ?? 0) + (words[at] ?? 0) * 0x1_0000_0000;
  }

  private firstFrom(offset: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.offsetAt(middle) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Assemblers write them in order; nothing says they must. Those of one place stay in the order of the table. */
  private orderWhenUnsorted(): Uint32Array | undefined {
    const offsets = new Float64Array(this.count);
    let isSorted = true;
    for (let index = 0; index < this.count; index++) {
      offsets[index] = this.offsetAt(index);
      isSorted &&= index === 0 || (offsets[index - 1] ?? 0) <= (offsets[index] ?? 0);
    }
    return isSorted ? undefined : Uint32Array.from(offsets.keys()).sort((a, b) => (offsets[a] ?? 0) - (offsets[b] ?? 0));
  }

  private symbolPc(index: number): number {
    const { symbols, little, wide } = this;
    const at = index * (wide ? 24 : 16);
    if (at + (wide ? 24 : 16) > symbols.byteLength) throw new DomainError("elf/bad-relocation", `symbol ${index} is not in the symbol table`, this.where);
    const section = symbols.getUint16(at + (wide ? 6 : 14), little);
    if (section === SHN.UNDEF) return 0;
    if (section === SHN.XINDEX) throw new DomainError("elf/relocation-unsupported", "relocation against a section beyond 0xff00", this.where);
    const [low, high] = little ? [8, 12] : [12, 8];
    const value = wide ? symbols.getUint32(at + low, little) + symbols.getUint32(at + high, little) * 0x1_0000_0000 : symbols.getUint32(at + 4, little);
    return (this.layout.placed?.[section] ?? 0) + value;
  }
}
