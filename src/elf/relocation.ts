import { ByteReader } from "../base/byteReader";
import { DomainError } from "../base/errors";
import type { AddressLayout } from "./addressLayout";
import { EM, ET, SHN, SHT } from "./elfConstants";
import type { ElfFile } from "./elfFile";
import { readRange, type Reading } from "./reading";
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

/** Relocation type → bytes written; all of these are symbol + addend. 0 does nothing. (psABI of each machine, table of relocations.) */
const absolute: Readonly<Record<number, Readonly<Record<number, 0 | 4 | 8>>>> = {
  [EM.X86_64]: { 0: 0, 1: 8, 10: 4, 11: 4 },
  [EM.AARCH64]: { 0: 0, 256: 0, 257: 8, 258: 4 },
  [EM.I386]: { 0: 0, 1: 4 },
};

interface Relocation {
  readonly offset: number;
  readonly type: number;
  readonly symbol: number;
  /** undefined: it stands where the relocation goes (SHT_REL). */
  readonly addend: number | undefined;
}

class RelocatedSection implements SectionData {
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
  private readonly reader: ByteReader;
  private readonly symbols: ByteReader;
  private readonly entrySize: number;
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
    this.reader = new ByteReader(bytes, elf.endianness, this.where);
    this.symbols = new ByteReader(symbols, elf.endianness, `${elf.file.name}: symbols`);
    this.entrySize = (section.type === SHT.RELA ? 3 : 2) * elf.header.wordSize;
    this.count = Math.floor(bytes.length / this.entrySize);
    this.sorted = this.orderWhenUnsorted();
  }

  /** A copy of the bytes with the relocations that fall into them applied. `start` is their offset in the section. */
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
    const width = absolute[machine]?.[type];
    if (width === undefined) {
      throw new DomainError("elf/relocation-unsupported", `relocation type ${type} of machine ${machine} is not known`, `${where}+0x${offset.toString(16)}`);
    }
    // A relocation cut off by the span's end belongs to bytes nobody asked for.
    if (width === 0 || at + width > view.byteLength) return;
    const little = this.elf.endianness === "little";
    const value = this.symbolPc(symbol) + (addend ?? view.getInt32(at, little));
    if (width === 4) view.setUint32(at, value >>> 0, little);
    else view.setBigInt64(at, BigInt(value), little);
  }

  private at(position: number): Relocation {
    const { wordSize } = this.elf.header;
    this.reader.seek((this.sorted ? (this.sorted[position] ?? 0) : position) * this.entrySize);
    const offset = wordSize === 8 ? this.reader.u64Number() : this.reader.u32();
    const info = wordSize === 8 ? this.reader.u64() : BigInt(this.reader.u32());
    const shift = wordSize === 8 ? 32n : 8n;
    const [symbol, type] = [Number(info >> shift), Number(BigInt.asUintN(Number(shift), info))];
    if (this.section.type === SHT.REL) return { offset, type, symbol, addend: undefined };
    return { offset, type, symbol, addend: wordSize === 8 ? Number(this.reader.i64()) : this.reader.i32() };
  }

  private offsetAt(position: number): number {
    this.reader.seek((this.sorted ? (this.sorted[position] ?? 0) : position) * this.entrySize);
    return this.elf.header.wordSize === 8 ? this.reader.u64Number() : this.reader.u32();
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

  /** Assemblers write them in order; nothing says they must. */
  private orderWhenUnsorted(): Uint32Array | undefined {
    const offsets = Float64Array.from({ length: this.count }, (_, index) => this.offsetAt(index));
    if (offsets.every((offset, index) => index === 0 || (offsets[index - 1] ?? 0) <= offset)) return undefined;
    return Uint32Array.from(offsets.keys()).sort((a, b) => (offsets[a] ?? 0) - (offsets[b] ?? 0));
  }

  private symbolPc(index: number): number {
    const wide = this.elf.header.wordSize === 8;
    this.symbols.seek(index * (wide ? 24 : 16));
    const section = this.symbols.skip(wide ? 6 : 14).u16();
    const value = this.symbols.seek(index * (wide ? 24 : 16) + (wide ? 8 : 4));
    const number = wide ? value.u64Number() : value.u32();
    if (section === SHN.UNDEF) return 0;
    if (section === SHN.XINDEX) throw new DomainError("elf/relocation-unsupported", "relocation against a section beyond 0xff00", this.where);
    return (this.layout.placed?.[section] ?? 0) + number;
  }
}
