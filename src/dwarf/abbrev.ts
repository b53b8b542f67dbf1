import { ByteReader, type Endianness } from "../base/byteReader";
import { DomainError, errorCode } from "../base/errors";
import type { Reading } from "../elf/reading";
import { readSpan, type SectionData } from "../elf/sectionData";
import { DW_AT, DW_FORM, DW_TAG } from "./constants";
import { CompiledAbbrevs } from "./compiledAbbrevs";
import type { Encoding } from "./encoding";
import { entryWay, Way } from "./entryWay";
import { fixedFormSize, formSizes } from "./form";

/**
 * Abbreviation declarations (DWARF 7.5.3), compiled for how they are used here. A symbolizer walks
 * millions of entries and wants a few attributes of a few kinds of them, so a declaration becomes a
 * list of steps: "skip 17 bytes, read the sibling, skip one block". All unwanted attributes of fixed
 * size between two wanted ones are one skip. Where all attributes have fixed sizes, or all but one
 * block or string, as gcc writes nearly all of them, the places of the wanted ones are known in advance
 * and nothing is stepped through; and entries of which nothing is wanted are passed over by a look at `ways`.
 *
 * A unit uses few of the kinds that its table declares: each is compiled when it is first met.
 */
export interface Abbrev {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly steps: readonly Step[];
  /** Bytes of the attributes after the last step. */
  readonly tail: number;
  /** Bytes of all attributes, without the one whose size varies; -1 when there are several such. */
  readonly size: number;
  /** Where the one attribute of varying size stands; -1 when there is none. */
  readonly loose: number;
  readonly looseForm: number;
  /** Places of the wanted attributes, when `size` is known. */
  readonly fields: Fields | undefined;
}

export interface Step {
  /** Bytes to pass over before the value. */
  readonly skip: number;
  /** 0: the value is unwanted, and of varying size. */
  readonly attribute: number;
  readonly form: number;
  readonly implicitConst: number;
}

/** A value at a known place: `at` counts from the start of the entry's attributes, without the one of varying size. */
export interface Field {
  readonly at: number;
  /** Behind the attribute of varying size. */
  readonly late: boolean;
  readonly form: number;
  readonly implicitConst: number;
}

export interface Fields {
  readonly sibling: Field | undefined;
  readonly low: Field | undefined;
  readonly high: Field | undefined;
  readonly ranges: Field | undefined;
  readonly origin: Field | undefined;
  readonly callFile: Field | undefined;
  readonly callLine: Field | undefined;
  readonly callColumn: Field | undefined;
  readonly name: Field | undefined;
  readonly linkageName: Field | undefined;
  readonly specification: Field | undefined;
}

/** Of other entries only the sibling is wanted. */
const interesting: ReadonlySet<number> = new Set([
  DW_TAG.subprogram, DW_TAG.inlined_subroutine, DW_TAG.compile_unit, DW_TAG.partial_unit, DW_TAG.type_unit, DW_TAG.skeleton_unit, DW_TAG.imported_unit,
]);
const wanted: ReadonlySet<number> = new Set(Object.values(DW_AT));

/** Where the tag of each code's declaration stands in the reader's bytes; never 0, as the code is before it. */
export interface AbbrevPlaces {
  /** 0: no such code. */
  readonly byCode: ArrayLike<number>;
  /** Of codes that are too large for that. */
  readonly others: ReadonlyMap<number, number>;
  /** Bytes of the whole table. */
  readonly length: number;
}

export class AbbrevTable {
  /** By code: how its entries are passed over (entryWay). Flat, as the loop over a unit's entries looks at nothing else. */
  readonly ways: Int32Array;
  /** By code, when the code is small. */
  private readonly dense: (Abbrev | undefined)[] = [];
  private readonly sparse = new Map<number, Abbrev>();

  constructor(
    private readonly reader: ByteReader,
    private readonly encoding: Encoding,
    readonly places: AbbrevPlaces,
    /** Of all tables of the file. */
    private readonly compiled: CompiledAbbrevs,
  ) {
    this.ways = new Int32Array(Math.min(places.byCode.length, denseCodes));
  }

  get(code: number): Abbrev | undefined {
    return this.dense[code] ?? this.sparse.get(code) ?? this.compile(code);
  }

  /** Finds out how entries of a code are passed over; false: they are looked at. */
  findWay(code: number): boolean {
    const { ways } = this;
    const place = code < ways.length ? (this.places.byCode[code] ?? 0) : 0;
    if (place === 0) return false;
    const way = entryWay(this.reader.seek(place), formSizes(this.encoding));
    ways[code] = way;
    return way !== Way.wanted;
  }

  private compile(code: number): Abbrev | undefined {
    const place = this.places.byCode[code] ?? this.places.others.get(code) ?? 0;
    if (place === 0) return undefined;
    const abbrev = this.compiledAt(place);
    if (code < denseCodes) {
      while (this.dense.length < code) this.dense.push(undefined);
      this.dense[code] = abbrev;
    } else {
      this.sparse.set(code, abbrev);
    }
    return abbrev;
  }

  private compiledAt(place: number): Abbrev {
    const { reader, encoding, compiled } = this;
    reader.seek(place).skipLeb();
    skipSpecifications(reader.skip(1));
    const end = reader.offset;
    return compiled.get(reader.bytes, place, end, encoding) ?? compiled.add(reader.bytes.slice(place, end), encoding, compile(reader.seek(place), encoding));
  }
}

const denseCodes = 4096;
const firstGuess = 0x2000;

/** A table's length stands nowhere: what is read grows until the table's end is in it. */
export function* readAbbrevTable(section: SectionData, offset: number, encoding: Encoding, endianness: Endianness, { kept, compiled }: { readonly kept: AbbrevPlaces | undefined; readonly compiled: CompiledAbbrevs }): Reading<AbbrevTable> {
  if (offset >= section.size) throw new DomainError("dwarf/bad-unit", `abbreviations at 0x${offset.toString(16)} are outside of the section`, section.where);
  if (kept) {
    const bytes = yield* readSpan(section, offset, kept.length);
    return new AbbrevTable(new ByteReader(bytes, endianness, section.where, 0, offset), encoding, kept, compiled);
  }
  for (let length = firstGuess; ; length *= 4) {
    const bytes = yield* readSpan(section, offset, length);
    try {
      return parseAbbrevTable(new ByteReader(bytes, endianness, section.where, 0, offset), encoding, compiled);
    } catch (error) {
      if (errorCode(error) !== "bytes/out-of-bounds" || bytes.length < length) throw error;
    }
  }
}

/** Finds the declarations. The reader is kept for compiling them. */
export function parseAbbrevTable(reader: ByteReader, encoding: Encoding, compiled = new CompiledAbbrevs()): AbbrevTable {
  const byCode: number[] = [0];
  const others = new Map<number, number>();
  for (let code = reader.uleb(); code !== 0; code = reader.uleb()) {
    // Compilers number them one by one.
    if (code === byCode.length && !others.has(code)) byCode.push(reader.offset);
    else if (byCode[code] === undefined && !others.has(code)) others.set(code, reader.offset);
    reader.skipLeb(); // tag
    reader.skip(1); // has children
    skipSpecifications(reader);
  }
  return new AbbrevTable(reader, encoding, { byCode, others, length: reader.offset }, compiled);
}

/** Pairs of name and form, up to a pair of zeros. Nearly all are single bytes, and there are thousands: they are looked at directly. */
function skipSpecifications(reader: ByteReader): void {
  const { bytes } = reader;
  for (let at = reader.offset; ; at += 2) {
    const name = bytes[at] ?? 0x80;
    const form = bytes[at + 1] ?? 0x80;
    if (name < 0x80 && form < 0x80 && form !== DW_FORM.implicit_const) {
      if (name !== 0 || form !== 0) continue;
      reader.offset = at + 2;
      return;
    }
    if (skipLongSpecification(reader.seek(at))) return;
    at = reader.offset - 2;
  }
}

/** true: it was the pair of zeros. */
function skipLongSpecification(reader: ByteReader): boolean {
  const [name, form] = [reader.uleb(), reader.uleb()];
  if (form === DW_FORM.implicit_const) reader.skipLeb();
  return name === 0 && form === 0;
}

function compile(reader: ByteReader, encoding: Encoding): Abbrev {
  const tag = reader.uleb();
  const hasChildren = reader.u8() !== 0;
  const all = interesting.has(tag);
  const steps: Step[] = [];
  for (let skip = 0; ; ) {
    const [name, form] = [reader.uleb(), reader.uleb()];
    const implicitConst = form === DW_FORM.implicit_const ? reader.sleb() : 0;
    if (name === 0 && form === 0) return { tag, hasChildren, steps, tail: skip, ...layOut(steps, skip, encoding) };
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

function layOut(steps: readonly Step[], tail: number, encoding: Encoding): Pick<Abbrev, "size" | "loose" | "looseForm" | "fields"> {
  const fields: { -readonly [K in keyof Fields]: Fields[K] } = { sibling: undefined, low: undefined, high: undefined, ranges: undefined, origin: undefined, callFile: undefined, callLine: undefined, callColumn: undefined, name: undefined, linkageName: undefined, specification: undefined };
  let [at, loose, looseForm] = [0, -1, 0];
  for (const { skip, attribute, form, implicitConst } of steps) {
    const size = fixedFormSize(form, encoding);
    at += skip;
    const field = fieldNames[attribute];
    if (size < 0 && (loose >= 0 || (field && form !== DW_FORM.string))) return { size: -1, loose: -1, looseForm: 0, fields: undefined };
    if (field) fields[field] ??= { at, late: loose >= 0, form, implicitConst };
    if (size < 0) [loose, looseForm] = [at, form];
    else at += size;
  }
  return { size: at + tail, loose, looseForm, fields };
}

const fieldNames: Readonly<Record<number, keyof Fields>> = {
  [DW_AT.sibling]: "sibling",
  [DW_AT.low_pc]: "low",
  [DW_AT.high_pc]: "high",
  [DW_AT.ranges]: "ranges",
  [DW_AT.abstract_origin]: "origin",
  [DW_AT.call_file]: "callFile",
  [DW_AT.call_line]: "callLine",
  [DW_AT.call_column]: "callColumn",
  [DW_AT.name]: "name",
  [DW_AT.linkage_name]: "linkageName",
  [DW_AT.MIPS_linkage_name]: "linkageName",
  [DW_AT.specification]: "specification",
};
