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
  const texts: (string | undefined)[] = [];
  const missing = new Map<SectionData, { readonly index: number; readonly offset: number }[]>();
  for (let index = 0; index < refs.length; index++) {
    const ref = refs[index];
    const place = ref && (placeOf(context, ref) ?? (yield* indexedPlace(context, ref)));
    const known = place && knownText(place);
    texts.push(known);
    if (!place || known !== undefined) continue;
    const wanted = missing.get(place.section);
    if (wanted) wanted.push({ index, offset: place.offset });
    else missing.set(place.section, [{ index, offset: place.offset }]);
  }
  for (const [section, wanted] of missing) {
    const peeks = yield* section.readSpans(wanted.map(({ offset }) => ({ offset, length: firstPeek })));
    for (const [position, { index, offset }] of wanted.entries()) {
      const text = textOf(peeks[position]) ?? (yield* readLong(section, offset));
      knownIn(section).set(offset, text);
      texts[index] = text;
    }
  }
  return texts;
}

/** Strings of each section that were read: units share names of files and of functions. */
const read = new WeakMap<SectionData, Map<number, string>>();
const stringsKept = 20_000;

function knownIn(section: SectionData): Map<number, string> {
  const known = read.get(section) ?? new Map<number, string>();
  read.set(section, known);
  // Forgotten all together: a string is read again sooner than the order of use is kept.
  if (known.size > stringsKept) known.clear();
  return known;
}

/** The text of a string that was read before, or whose section was; else undefined. */
function knownText({ section, offset }: StringPlace): string | undefined {
  const texts = knownIn(section);
  const known = texts.get(offset);
  if (known !== undefined || !section.whole) return known;
  const end = section.whole.indexOf(0, offset);
  if (end < 0) return undefined;
  const text = textBetween(section.whole, offset, end);
  texts.set(offset, text);
  return text;
}

export function* readString(context: StringContext, ref: StringRef): Reading<string | undefined> {
  return (yield* readStrings(context, [ref]))[0];
}

interface StringPlace {
  readonly section: SectionData;
  readonly offset: number;
}

/** undefined for one that is found by its index, and for what is no string. */
function placeOf(context: StringContext, { form, value }: StringRef): StringPlace | undefined {
  switch (form) {
    case DW_FORM.string:
      return { section: context.inline, offset: value };
    case DW_FORM.strp:
      return { section: required(context.sections, "str"), offset: value };
    case DW_FORM.line_strp:
      return { section: required(context.sections, "lineStr"), offset: value };
    case DW_FORM.strp_sup:
    case DW_FORM.GNU_strp_alt: {
      const { supplementary } = context.sections;
      return supplementary && { section: required(supplementary, "str"), offset: value };
    }
    default:
      return undefined;
  }
}

const indexedStrings: ReadonlySet<number> = new Set([DW_FORM.strx, DW_FORM.strx1, DW_FORM.strx2, DW_FORM.strx3, DW_FORM.strx4, DW_FORM.GNU_str_index]);

/** DWARF 7.26. */
function* indexedPlace({ sections, header, strOffsetsBase }: StringContext, { form, value: index }: StringRef): Reading<StringPlace | undefined> {
  if (!indexedStrings.has(form)) return undefined;
  const section = required(sections, "strOffsets");
  const base = strOffsetsBase >= 0 ? strOffsetsBase : header.offsetSize === 8 ? 16 : 8;
  const at = base + index * header.offsetSize;
  const bytes = yield* readSpan(section, at, header.offsetSize);
  const offset = readOffset(new ByteReader(bytes, sections.endianness, section.where, 0, at), header.offsetSize);
  return { section: required(sections, "str"), offset };
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
  return textBetween(bytes, 0, end);
}

const textBetween = ({ buffer, byteOffset }: Uint8Array, start: number, end: number): string => Buffer.from(buffer, byteOffset + start, end - start).toString("utf8");
