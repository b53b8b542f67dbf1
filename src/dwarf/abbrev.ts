import { ByteReader, type Endianness } from "../base/byteReader";
import { DomainError, errorCode } from "../base/errors";
import type { Reading } from "../elf/reading";
import { readSpan, type SectionData } from "../elf/sectionData";
import { DW_AT, DW_FORM, DW_TAG } from "./constants";
import type { Encoding } from "./encoding";
import { fixedFormSize } from "./form";

/**
 * Abbreviation declarations (DWARF 7.5.3), compiled for how they are used here. A symbolizer walks
 * millions of entries and wants a few attributes of a few kinds of them, so each declaration becomes a
 * list of steps: "skip 17 bytes, read the sibling, skip one block". All unwanted attributes of fixed
 * size between two wanted ones are one skip.
 */
export interface Abbrev {
  readonly code: number;
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly steps: readonly Step[];
  /** Bytes of the attributes after the last step. */
  readonly tail: number;
}

export interface Step {
  /** Bytes to pass over before the value. */
  readonly skip: number;
  /** 0: the value is unwanted, and of varying size. */
  readonly attribute: number;
  readonly form: number;
  readonly implicitConst: number;
}

/** Of other entries only the sibling is wanted. */
const interesting: ReadonlySet<number> = new Set([
  DW_TAG.subprogram, DW_TAG.inlined_subroutine, DW_TAG.compile_unit, DW_TAG.partial_unit, DW_TAG.type_unit, DW_TAG.skeleton_unit,
]);
const wanted: ReadonlySet<number> = new Set(Object.values(DW_AT));

export class AbbrevTable {
  private readonly dense: (Abbrev | undefined)[] = [];
  private readonly sparse = new Map<number, Abbrev>();

  constructor(abbrevs: readonly Abbrev[]) {
    for (const abbrev of abbrevs) {
      if (abbrev.code === this.dense.length + 1) this.dense.push(abbrev);
      else if (!this.get(abbrev.code)) this.sparse.set(abbrev.code, abbrev);
    }
  }

  get(code: number): Abbrev | undefined {
    return this.dense[code - 1] ?? this.sparse.get(code);
  }
}

const firstGuess = 0x2000;

/** A table's length stands nowhere: what is read grows until the table's end is in it. */
export function* readAbbrevTable(section: SectionData, offset: number, encoding: Encoding, endianness: Endianness): Reading<AbbrevTable> {
  if (offset >= section.size) throw new DomainError("dwarf/bad-unit", `abbreviations at 0x${offset.toString(16)} are outside of the section`, section.where);
  for (let length = firstGuess; ; length *= 4) {
    const bytes = yield* readSpan(section, offset, length);
    try {
      return parseAbbrevTable(new ByteReader(bytes, endianness, section.where, 0, offset), encoding);
    } catch (error) {
      if (errorCode(error) !== "bytes/out-of-bounds" || bytes.length < length) throw error;
    }
  }
}

export function parseAbbrevTable(reader: ByteReader, encoding: Encoding): AbbrevTable {
  const abbrevs: Abbrev[] = [];
  for (let code = reader.uleb(); code !== 0; code = reader.uleb()) {
    const tag = reader.uleb();
    const hasChildren = reader.u8() !== 0;
    abbrevs.push({ code, tag, hasChildren, ...compile(reader, encoding, interesting.has(tag)) });
  }
  return new AbbrevTable(abbrevs);
}

function compile(reader: ByteReader, encoding: Encoding, all: boolean): { steps: Step[]; tail: number } {
  const steps: Step[] = [];
  let skip = 0;
  for (;;) {
    const [name, form] = [reader.uleb(), reader.uleb()];
    const implicitConst = form === DW_FORM.implicit_const ? reader.sleb() : 0;
    if (name === 0 && form === 0) return { steps, tail: skip };
    const isWanted = all ? wanted.has(name) : name === DW_AT.sibling;
    const size = fixedFormSize(form, encoding);
    if (!isWanted && size >= 0) {
      skip += size;
    } else {
      steps.push({ skip, attribute: isWanted ? name : 0, form, implicitConst });
      skip = 0;
    }
  }
}
