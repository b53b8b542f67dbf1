import { ByteReader } from "../base/byteReader";
import { DomainError } from "../base/errors";
import type { ElfHeader } from "./elfHeader";

export interface SectionHeader {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  readonly offset: number;
  /** Bytes in the file, or in memory for SHT_NOBITS. */
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
  readonly entrySize: number;
}

export const sectionHeaderSize = (wordSize: 4 | 8): number => (wordSize === 8 ? 64 : 40);

/** gABI, "Section Header": one entry, its name still an offset into the name table. */
export function parseSectionHeader(reader: ByteReader, index: number, wordSize: 4 | 8): SectionHeader & { readonly nameOffset: number } {
  const word = (): number => (wordSize === 8 ? reader.u64Number() : reader.u32());
  const nameOffset = reader.u32();
  const type = reader.u32();
  const flags = word();
  const address = wordSize === 8 ? reader.u64() : BigInt(reader.u32());
  const [offset, size] = [word(), word()];
  const [link, info] = [reader.u32(), reader.u32()];
  const [alignment, entrySize] = [word(), word()];
  return { index, name: "", nameOffset, type, flags, address, offset, size, link, info, alignment, entrySize };
}

/** All headers, unnamed. `bytes` is the whole table. */
export function parseSectionHeaders(bytes: Uint8Array, header: ElfHeader, where: string): ReturnType<typeof parseSectionHeader>[] {
  const { entrySize, offset } = header.sectionHeaders;
  if (entrySize < sectionHeaderSize(header.wordSize)) {
    throw new DomainError("elf/bad-header", `section headers of ${entrySize} bytes are too short`, where);
  }
  const reader = new ByteReader(bytes, header.endianness, where, 0, offset);
  return Array.from({ length: Math.floor(bytes.length / entrySize) }, (_, index) =>
    parseSectionHeader(reader.seek(index * entrySize), index, header.wordSize),
  );
}

/** The string at an offset of a string table; empty when the offset is outside of it. */
export function stringAt(table: Uint8Array, offset: number): string {
  if (offset >= table.length) return "";
  const end = table.indexOf(0, offset);
  return Buffer.from(table.buffer, table.byteOffset + offset, (end < 0 ? table.length : end) - offset).toString("utf8");
}
