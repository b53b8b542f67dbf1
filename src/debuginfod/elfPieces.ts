import { ByteReader } from "../base/byteReader";
import { DomainError } from "../base/errors";
import { SHF, SHT } from "../elf/elfConstants";
import type { ElfHeader } from "../elf/elfHeader";

/** The frame of an ELF file around sections that come one by one: program headers are read, section headers written (gABI, chapters 4 and 5). */

export interface ElfPiece {
  readonly name: string;
  readonly size: number;
  readonly type: number;
  readonly flags: number;
}

export interface Segment {
  readonly address: bigint;
  readonly size: bigint;
}

const PT_LOAD = 1;
const PF_X = 1;

/** The segments with code, from the start of a file. In a debug file, which lacks their bytes, the addresses stay. */
export function executableSegments(start: Uint8Array, { wordSize, endianness }: ElfHeader): Segment[] {
  const reader = new ByteReader(start, endianness, "program headers", wordSize === 8 ? 32 : 28);
  const word = (): bigint => (wordSize === 8 ? reader.u64() : BigInt(reader.u32()));
  const offset = Number(word());
  reader.seek(wordSize === 8 ? 54 : 42);
  const [entrySize, count] = [reader.u16(), reader.u16()];
  if (offset + entrySize * count > start.length) throw new DomainError("elf/truncated", "the program headers are not at the start of the file", "program headers");
  const segments: Segment[] = [];
  for (let index = 0; index < count; index++) {
    reader.seek(offset + index * entrySize);
    const type = reader.u32();
    const early = wordSize === 8 ? reader.u32() : 0;
    word();
    const address = word();
    word();
    word();
    const size = word();
    const flags = wordSize === 8 ? early : reader.u32();
    if (type === PT_LOAD && flags & PF_X && size > 0n) segments.push({ address, size });
  }
  return segments;
}

export interface SectionedElf {
  readonly size: number;
  /** The header, and the section headers with their names. */
  readonly frame: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
  readonly placed: readonly { readonly offset: number; readonly piece: ElfPiece }[];
}

/** Readers fetch blocks: one that reached into the next section would fetch that one whole. */
const pieceAlignment = 0x10_0000;

export function writeSectionedElf(header: ElfHeader, code: readonly Segment[], pieces: readonly ElfPiece[]): SectionedElf {
  const names = nameTable([...pieces.map(({ name }) => name), ".text", ".shstrtab"]);
  let end = pieceAlignment;
  const placed = pieces.map((piece) => {
    const offset = end;
    end = Math.ceil((end + piece.size) / pieceAlignment) * pieceAlignment;
    return { offset, piece };
  });
  const wide = header.wordSize === 8;
  const entrySize = wide ? 64 : 40;
  const strings = pieces.findIndex(({ name }) => name === ".strtab") + 1;
  const namesOffset = end + entrySize * (pieces.length + code.length + 2);
  const table = new FieldWriter(header);
  const section = (fields: Partial<Record<"name" | "type" | "flags" | "offset" | "size" | "link", number>> & { address?: bigint; memory?: bigint }): void => {
    table.u32(fields.name ?? 0).u32(fields.type ?? 0).word(fields.flags ?? 0).word(fields.address ?? 0n).word(fields.offset ?? 0).word(fields.memory ?? fields.size ?? 0);
    table.u32(fields.link ?? 0).u32(0).word(1).word(fields.type === SHT.SYMTAB ? (wide ? 24 : 16) : 0);
  };
  section({});
  for (const { offset, piece } of placed) section({ ...piece, name: names.offsetOf(piece.name), offset, ...(piece.type === SHT.SYMTAB && { link: strings }) });
  for (const { address, size } of code) section({ name: names.offsetOf(".text"), type: SHT.NOBITS, flags: SHF.ALLOC | SHF.EXECINSTR, address, memory: size, size: 0 });
  section({ name: names.offsetOf(".shstrtab"), type: 3, offset: namesOffset, size: names.bytes.length });
  const headers = Buffer.concat([table.done(), names.bytes]);
  return { size: end + headers.length, frame: [{ offset: 0, bytes: fileHeader(header, end, pieces.length + code.length + 2) }, { offset: end, bytes: headers }], placed };
}

function fileHeader(header: ElfHeader, sectionHeaders: number, count: number): Uint8Array {
  const wide = header.wordSize === 8;
  const writer = new FieldWriter(header).u32(0, [0x7f, 0x45, 0x4c, 0x46]).u32(0, [wide ? 2 : 1, header.endianness === "little" ? 1 : 2, 1, 0]).u32(0).u32(0);
  writer.u16(header.type).u16(header.machine).u32(1).word(0).word(0).word(sectionHeaders);
  return writer.u32(0).u16(wide ? 64 : 52).u16(0).u16(0).u16(wide ? 64 : 40).u16(count).u16(count - 1).done();
}

function nameTable(texts: readonly string[]): { readonly bytes: Uint8Array; offsetOf(text: string): number } {
  const joined = `\0${[...new Set(texts)].join("\0")}\0`;
  return { bytes: Buffer.from(joined, "latin1"), offsetOf: (text) => joined.indexOf(`\0${text}\0`) + 1 };
}

class FieldWriter {
  private readonly parts: Uint8Array[] = [];

  constructor(private readonly header: ElfHeader) {}

  u16(value: number): this {
    return this.put(2, (view, little) => view.setUint16(0, value, little));
  }

  /** `bytes` when the order is no matter of the machine's. */
  u32(value: number, bytes?: readonly number[]): this {
    if (!bytes) return this.put(4, (view, little) => view.setUint32(0, value, little));
    this.parts.push(Uint8Array.from(bytes));
    return this;
  }

  word(value: number | bigint): this {
    if (this.header.wordSize === 4) return this.u32(Number(value));
    return this.put(8, (view, little) => view.setBigUint64(0, BigInt(value), little));
  }

  done(): Uint8Array {
    return Buffer.concat(this.parts);
  }

  private put(size: number, set: (view: DataView, little: boolean) => void): this {
    const bytes = new Uint8Array(size);
    set(new DataView(bytes.buffer), this.header.endianness === "little");
    this.parts.push(bytes);
    return this;
  }
}
