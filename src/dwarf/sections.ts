import type { Endianness } from "../base/byteReader";
import { DomainError } from "../base/errors";
import { layoutOf, type AddressLayout } from "../elf/addressLayout";
import type { ElfFile } from "../elf/elfFile";
import { openRelocatedSection } from "../elf/relocation";
import type { SectionData } from "../elf/sectionData";

/** The debug sections of one file. Nothing is read before it is asked for. */
export interface DwarfSections {
  readonly layout: AddressLayout;
  readonly endianness: Endianness;
  readonly info: SectionData;
  readonly abbrev: SectionData;
  readonly line: SectionData | undefined;
  readonly aranges: SectionData | undefined;
  readonly ranges: SectionData | undefined;
  readonly rnglists: SectionData | undefined;
  readonly str: SectionData | undefined;
  readonly lineStr: SectionData | undefined;
  readonly strOffsets: SectionData | undefined;
  readonly addr: SectionData | undefined;
  /** Of the file with what several files share; its sections are never relocated. */
  readonly supplementary: DwarfSections | undefined;
}

/** undefined when the file has no debug information. */
export function dwarfSections(elf: ElfFile, layout: AddressLayout, supplementary?: ElfFile): DwarfSections | undefined {
  const open = (name: string): SectionData | undefined => {
    const section = elf.sectionWithBytes(`.debug_${name}`) ?? elf.sectionWithBytes(`.zdebug_${name}`);
    return section && openRelocatedSection(elf, section, layout);
  };
  const [info, abbrev] = [open("info"), open("abbrev")];
  if (!info || !abbrev) return undefined;
  return {
    layout,
    endianness: elf.endianness,
    info,
    abbrev,
    line: open("line"),
    aranges: open("aranges"),
    ranges: open("ranges"),
    rnglists: open("rnglists"),
    str: open("str"),
    lineStr: open("line_str"),
    strOffsets: open("str_offsets"),
    addr: open("addr"),
    supplementary: supplementary && dwarfSections(supplementary, layoutOf(supplementary)),
  };
}

/** @throws DomainError naming the section that something refers to and that is not there */
export function required(sections: DwarfSections, name: "line" | "ranges" | "rnglists" | "str" | "lineStr" | "strOffsets" | "addr"): SectionData {
  const section = sections[name];
  if (section) return section;
  const elfName = { line: "line", ranges: "ranges", rnglists: "rnglists", str: "str", lineStr: "line_str", strOffsets: "str_offsets", addr: "addr" }[name];
  throw new DomainError("dwarf/missing-section", `it refers to .debug_${elfName}, which is missing`, sections.info.where);
}
