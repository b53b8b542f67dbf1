import type { Endianness } from "../base/byteReader";
import { ByteReader } from "../base/byteReader";
import { DomainError } from "../base/errors";
import { SHT } from "./elfConstants";
import { elfHeaderSize, parseElfHeader, type ElfHeader } from "./elfHeader";
import { readRange, type InputFile, type Reading } from "./reading";
import { parseSectionHeader, parseSectionHeaders, sectionHeaderSize, stringAt, type SectionHeader } from "./sectionHeader";

/** An ELF file's headers: where everything is, with nothing of it read. */
export class ElfFile {
  private readonly byName = new Map<string, SectionHeader>();

  constructor(
    readonly file: InputFile,
    readonly header: ElfHeader,
    readonly sections: readonly SectionHeader[],
  ) {
    for (const section of sections) if (!this.byName.has(section.name)) this.byName.set(section.name, section);
  }

  get endianness(): Endianness {
    return this.header.endianness;
  }

  section(name: string): SectionHeader | undefined {
    return this.byName.get(name);
  }

  /** A section that has bytes in this file. Debug files keep the headers of all sections, but not the bytes (SHT_NOBITS). */
  sectionWithBytes(name: string): SectionHeader | undefined {
    const section = this.section(name);
    return section && section.type !== SHT.NOBITS && section.size > 0 ? section : undefined;
  }
}

export function* openElf(file: InputFile): Reading<ElfFile> {
  const header = parseElfHeader(yield* readRange(file, 0, Math.min(elfHeaderSize, file.size)), file.name);
  const { offset, entrySize, namesIndex } = header.sectionHeaders;
  if (offset === 0) return new ElfFile(file, header, []);
  const { count, names } = yield* sectionCount(file, header);
  const bytes = yield* readRange(file, offset, count * entrySize);
  const unnamed = parseSectionHeaders(bytes, header, file.name);
  const nameTable = unnamed[namesIndex === 0xffff ? names : namesIndex];
  const text = nameTable ? yield* readRange(file, nameTable.offset, nameTable.size) : new Uint8Array();
  return new ElfFile(file, header, unnamed.map(({ nameOffset, ...section }) => ({ ...section, name: stringAt(text, nameOffset) })));
}

/** A file of 0xff00 sections or more keeps the number, and the name table's index, in section 0. */
function* sectionCount(file: InputFile, header: ElfHeader): Reading<{ count: number; names: number }> {
  const { offset, count, namesIndex } = header.sectionHeaders;
  if (count > 0 && namesIndex !== 0xffff) return { count, names: namesIndex };
  const bytes = yield* readRange(file, offset, sectionHeaderSize(header.wordSize));
  const zero = parseSectionHeader(new ByteReader(bytes, header.endianness, file.name, 0, offset), 0, header.wordSize);
  if (count === 0 && zero.size === 0) throw new DomainError("elf/bad-header", "there are section headers, but their number is 0", file.name);
  return { count: count === 0 ? zero.size : count, names: zero.link };
}
