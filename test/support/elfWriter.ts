import { deflateSync } from "node:zlib";
import type { Endianness } from "../../src/base/byteReader";
import { ByteWriter } from "./byteWriter";

export interface SectionSpec {
  readonly name: string;
  readonly type?: number;
  readonly flags?: number;
  readonly address?: bigint;
  readonly bytes?: Uint8Array;
  /** For SHT_NOBITS. */
  readonly size?: number;
  /** Name of another section. */
  readonly link?: string;
  readonly info?: string | number;
}

export interface SymbolSpec {
  readonly name: string;
  readonly value: bigint;
  readonly size?: number;
  readonly type?: number;
  readonly binding?: number;
  /** Name of its section; undefined: SHN_UNDEF. */
  readonly section?: string;
}

export interface ElfSpec {
  readonly type?: number;
  readonly machine?: number;
  readonly wordSize?: 4 | 8;
  readonly endianness?: Endianness;
  readonly sections: readonly SectionSpec[];
  readonly symbols?: readonly SymbolSpec[];
}

export const alloc = 2;
export const execinstr = 4;
const compressedFlag = 0x800;

/** Writes a small ELF file: header, sections one after another, symbol and string tables, section headers last. */
export function writeElf(spec: ElfSpec): Uint8Array {
  const { endianness = "little", wordSize = 8 } = spec;
  const sections: SectionSpec[] = [{ name: "", type: 0 }, ...spec.sections];
  if (spec.symbols) sections.push(...symbolSections(spec, sections));
  const names = stringTable([...sections.map(({ name }) => name), ".shstrtab"]);
  sections.push({ name: ".shstrtab", type: 3, bytes: names.bytes });
  const body = new ByteWriter(endianness).raw(new Uint8Array(wordSize === 8 ? 64 : 52));
  const offsets = sections.map(({ bytes }) => {
    body.align(16);
    const offset = body.length;
    body.raw(bytes ?? []);
    return offset;
  });
  body.align(16);
  const headers = body.length;
  for (const [index, section] of sections.entries()) writeSectionHeader(body, section, { wordSize, sections, offset: offsets[index] ?? 0, name: names.offsetOf(section.name) });
  const file = body.done();
  file.set(elfHeader(spec, headers, sections.length));
  return file;
}

function elfHeader({ type = 2, machine = 62, wordSize = 8, endianness = "little" }: ElfSpec, sectionHeaders: number, count: number): Uint8Array {
  const wide = wordSize === 8;
  const writer = new ByteWriter(endianness).raw([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, endianness === "little" ? 1 : 2, 1]).align(16);
  writer.u16(type).u16(machine).u32(1).int(0n, wordSize).int(0n, wordSize).int(BigInt(sectionHeaders), wordSize);
  writer.u32(0).u16(wide ? 64 : 52).u16(0).u16(0).u16(wide ? 64 : 40).u16(count).u16(count - 1);
  return writer.done();
}

interface HeaderPlace {
  readonly wordSize: 4 | 8;
  readonly sections: readonly SectionSpec[];
  readonly offset: number;
  readonly name: number;
}

function writeSectionHeader(writer: ByteWriter, section: SectionSpec, { wordSize, sections, offset, name }: HeaderPlace): void {
  const { type = 1, flags = 0, address = 0n, bytes, size = bytes?.length ?? 0, link, info = 0 } = section;
  const indexOf = (other: string): number => sections.findIndex((candidate) => candidate.name === other);
  const word = (value: bigint | number): ByteWriter => writer.int(BigInt(value), wordSize);
  writer.u32(name).u32(type);
  word(flags);
  word(address);
  word(offset);
  word(size);
  writer.u32(link === undefined ? 0 : indexOf(link)).u32(typeof info === "string" ? indexOf(info) : info);
  word(1);
  word(0);
}

function symbolSections({ symbols = [], wordSize = 8, endianness = "little" }: ElfSpec, sections: readonly SectionSpec[]): SectionSpec[] {
  const names = stringTable(["", ...symbols.map(({ name }) => name)]);
  const writer = new ByteWriter(endianness).raw(new Uint8Array(wordSize === 8 ? 24 : 16));
  for (const { name, value, size = 0, type = 2, binding = 1, section } of symbols) {
    const index = section === undefined ? 0 : sections.findIndex((candidate) => candidate.name === section);
    const info = (binding << 4) | type;
    writer.u32(names.offsetOf(name));
    if (wordSize === 8) writer.u8(info).u8(0).u16(index).u64(value).u64(size);
    else writer.int(value, 4).u32(size).u8(info).u8(0).u16(index);
  }
  return [
    { name: ".symtab", type: 2, bytes: writer.done(), link: ".strtab" },
    { name: ".strtab", type: 3, bytes: names.bytes },
  ];
}

function stringTable(texts: readonly string[]): { bytes: Uint8Array; offsetOf(text: string): number } {
  const writer = new ByteWriter().u8(0);
  const offsets = new Map([["", 0]]);
  for (const text of texts) {
    if (offsets.has(text)) continue;
    offsets.set(text, writer.length);
    writer.cstring(text);
  }
  return { bytes: writer.done(), offsetOf: (text) => offsets.get(text) ?? 0 };
}

/** A .note.gnu.build-id section. */
export function buildIdSection(hexId: string, endianness: Endianness = "little"): SectionSpec {
  const id = Buffer.from(hexId, "hex");
  const bytes = new ByteWriter(endianness).u32(4).u32(id.length).u32(3).cstring("GNU").raw(id).align(4).done();
  return { name: ".note.gnu.build-id", type: 7, flags: alloc, bytes };
}

/** The section compressed with zlib, as `objcopy --compress-debug-sections` leaves it. */
export function compressed(section: SectionSpec, { wordSize = 8, endianness = "little" }: Pick<ElfSpec, "wordSize" | "endianness"> = {}): SectionSpec {
  const plain = section.bytes ?? new Uint8Array();
  const writer = new ByteWriter(endianness).u32(1);
  if (wordSize === 8) writer.u32(0).u64(plain.length).u64(1);
  else writer.u32(plain.length).u32(1);
  return { ...section, flags: (section.flags ?? 0) | compressedFlag, bytes: writer.raw(deflateSync(plain)).done() };
}
