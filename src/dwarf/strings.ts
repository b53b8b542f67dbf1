import { ByteReader } from "../base/byteReader";
import type { Reading } from "../elf/reading";
import { readSpan, type SectionData } from "../elf/sectionData";
import { DW_FORM } from "./constants";
import { readOffset } from "./encoding";
import type { StringRef } from "./form";
import { required, type DwarfSections } from "./sections";
import type { UnitHeader } from "./unitHeader";

/** Where the strings of a unit are. `inline`: the section that holds strings of DW_FORM_string. */
export interface StringContext {
  readonly sections: DwarfSections;
  readonly header: Pick<UnitHeader, "offsetSize">;
  /** -1: the unit does not name one; then its table follows the first header of the section. */
  readonly strOffsetsBase: number;
  readonly inline: SectionData;
}

const firstPeek = 96;
const longest = 0x1_0000;

/** The texts of several strings, asked for together. undefined for a string of a supplementary file that is not here. */
export function* readStrings(context: StringContext, refs: readonly StringRef[]): Reading<readonly (string | undefined)[]> {
  const places: (StringPlace | undefined)[] = [];
  for (const ref of refs) places.push(yield* placeOf(context, ref));
  const texts: (string | undefined)[] = places.map(() => undefined);
  for (const section of new Set(places.map((place) => place?.section))) {
    if (!section) continue;
    const indexes = places.flatMap((place, index) => (place?.section === section ? [index] : []));
    const peeks = yield* section.readSpans(indexes.map((index) => ({ offset: places[index]?.offset ?? 0, length: firstPeek })));
    for (const [position, index] of indexes.entries()) {
      texts[index] = textOf(peeks[position]) ?? (yield* readLong(section, places[index]?.offset ?? 0));
    }
  }
  return texts;
}

export function* readString(context: StringContext, ref: StringRef): Reading<string | undefined> {
  return (yield* readStrings(context, [ref]))[0];
}

interface StringPlace {
  readonly section: SectionData;
  readonly offset: number;
}

function* placeOf(context: StringContext, { form, value }: StringRef): Reading<StringPlace | undefined> {
  switch (form) {
    case DW_FORM.string:
      return { section: context.inline, offset: value };
    case DW_FORM.strp:
      return { section: required(context.sections, "str"), offset: value };
    case DW_FORM.line_strp:
      return { section: required(context.sections, "lineStr"), offset: value };
    case DW_FORM.strx:
    case DW_FORM.strx1:
    case DW_FORM.strx2:
    case DW_FORM.strx3:
    case DW_FORM.strx4:
    case DW_FORM.GNU_str_index:
      return { section: required(context.sections, "str"), offset: yield* indexedOffset(context, value) };
    case DW_FORM.strp_sup:
    case DW_FORM.GNU_strp_alt: {
      const { supplementary } = context.sections;
      return supplementary && { section: required(supplementary, "str"), offset: value };
    }
    default:
      return undefined;
  }
}

/** DWARF 7.26. */
function* indexedOffset({ sections, header, strOffsetsBase }: StringContext, index: number): Reading<number> {
  const section = required(sections, "strOffsets");
  const base = strOffsetsBase >= 0 ? strOffsetsBase : header.offsetSize === 8 ? 16 : 8;
  const at = base + index * header.offsetSize;
  const bytes = yield* readSpan(section, at, header.offsetSize);
  return readOffset(new ByteReader(bytes, sections.endianness, section.where, 0, at), header.offsetSize);
}

function* readLong(section: SectionData, offset: number): Reading<string> {
  for (let length = firstPeek * 8; ; length *= 8) {
    const bytes = yield* readSpan(section, offset, length);
    const text = textOf(bytes);
    if (text !== undefined) return text;
    // A string that the section's end cuts off is shown as far as it goes.
    if (bytes.length < length || length > longest) return Buffer.from(bytes).toString("utf8");
  }
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  const end = bytes?.indexOf(0) ?? -1;
  if (!bytes || end < 0) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset, end).toString("utf8");
}
