import type { Endianness } from "../base/byteReader";
import { DomainError } from "../base/errors";
import { layoutOf, type AddressLayout } from "../elf/addressLayout";
import { AheadSection } from "../elf/aheadSection";
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

const [infoAhead, ahead] = [2 ** 20, 2 ** 18];
/** Strings are anywhere in their section: it is read whole when it is no larger. */
const stringsAhead = 2 ** 24;

/**
 * The same sections for lookups at many pcs in order, of a file that is here. What was read of a unit, or of its
 * line program, holds until the next one is read.
 */
export function aheadSections(sections: DwarfSections): DwarfSections {
  const open = <T extends SectionData | undefined>(section: T, bytes: number, reuses = false): T | AheadSection => (section?.isPlain ? new AheadSection(section, bytes, reuses) : section);
  return {
    ...sections,
    info: open(sections.info, infoAhead, true),
    line: open(sections.line, ahead, true),
    abbrev: open(sections.abbrev, ahead),
    ranges: open(sections.ranges, ahead),
    rnglists: open(sections.rnglists, ahead),
    str: open(sections.str, stringsAhead),
    lineStr: open(sections.lineStr, stringsAhead),
  };
}

/** @throws DomainError naming the section that something refers to and that is not there */
export function required(sections: DwarfSections, name: "line" | "ranges" | "rnglists" | "str" | "lineStr" | "strOffsets" | "addr"): SectionData {
  const section = sections[name];
  if (section) return section;
  const elfName = { line: "line", ranges: "ranges", rnglists: "rnglists", str: "str", lineStr: "line_str", strOffsets: "str_offsets", addr: "addr" }[name];
  throw new DomainError("dwarf/missing-section", `it refers to .debug_${elfName}, which is missing`, sections.info.where);
}
