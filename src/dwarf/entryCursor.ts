import { ByteReader, type Endianness } from "../base/byteReader";
import { toPc, type AddressBase } from "../elf/addressLayout";
import type { Abbrev, AbbrevTable, Field, Step } from "./abbrev";
import { DW_AT, DW_FORM } from "./constants";
import { readPc } from "./encoding";
import { isIndexedAddress, isSupplementaryReference, isUnitReference, readNumber, skipForm, type StringRef } from "./form";
import type { UnitHeader } from "./unitHeader";

/** What is needed to read entries of a unit. */
export interface UnitContent {
  readonly header: UnitHeader;
  readonly abbrevs: AbbrevTable;
  /** The whole unit, from its header on. */
  readonly bytes: Uint8Array;
  /** pcs of the unit's part of .debug_addr. */
  readonly addresses: Float64Array | undefined;
  readonly endianness: Endianness;
  readonly where: string;
  readonly base: AddressBase;
}

/** A reference to a list of address ranges. */
export interface RangesRef {
  readonly value: number;
  /** The value is an index into the unit's table of lists (DW_FORM_rnglistx), else an offset. */
  readonly indexed: boolean;
}

/** Added to references into the supplementary file; no .debug_info is as large. */
export const supplementaryEntries = 2 ** 48;

/** The wanted attributes of one entry. Absent numbers are -1, absent pcs NaN. References are offsets in .debug_info. */
export class Attributes {
  sibling = -1;
  low = NaN;
  high = NaN;
  ranges: RangesRef | undefined;
  origin = -1;
  specification = -1;
  name: StringRef | undefined;
  linkageName: StringRef | undefined;
  compDir: StringRef | undefined;
  callFile = -1;
  callLine = -1;
  callColumn = -1;
  stmtList = -1;
  language = -1;
  addrBase = -1;
  strOffsetsBase = -1;
  rnglistsBase = -1;
}

/** How a value is stored. */
type Value = Pick<Step, "form" | "implicitConst">;

/** What the attributes of functions and inlined calls amount to. */
export type CallAttributes = Pick<Attributes, "sibling" | "low" | "high" | "ranges" | "origin" | "callFile" | "callLine" | "callColumn">;

/**
 * Walks over the entries of a unit in the order of their bytes (DWARF 2.3, 7.5.3). Offsets are those of
 * .debug_info. Entries of fixed layout, nearly all that gcc writes, are passed over by one addition.
 */
export class EntryCursor {
  private readonly reader: ByteReader;
  private readonly bytes: Uint8Array;
  private readonly little: boolean;
  private readonly start: number;

  constructor(private readonly unit: UnitContent) {
    this.reader = new ByteReader(unit.bytes, unit.endianness, unit.where, 0, unit.header.offset);
    this.bytes = unit.bytes;
    this.little = unit.endianness === "little";
    this.start = unit.header.offset;
  }

  get offset(): number {
    return this.start + this.reader.offset;
  }

  get done(): boolean {
    return this.reader.offset >= this.bytes.length;
  }

  seek(offset: number): this {
    this.reader.seek(offset - this.start);
    return this;
  }

  /** The declaration of the entry here, whose attributes are read or skipped next; undefined at the end of a list of children. */
  enter(): Abbrev | undefined {
    const { reader } = this;
    let code = this.bytes[reader.offset];
    if (code !== undefined && code < 0x80) reader.offset++;
    else code = reader.uleb();
    if (code === 0) return undefined;
    const abbrev = this.unit.abbrevs.get(code);
    if (!abbrev) throw reader.error(`abbreviation ${code} is not declared`, "dwarf/bad-entry");
    return abbrev;
  }

  read(abbrev: Abbrev): Attributes {
    const attributes = new Attributes();
    for (const step of abbrev.steps) {
      if (step.skip > 0) this.reader.skip(step.skip);
      if (step.attribute === 0) skipForm(this.reader, step.form, this.unit.header);
      else this.readAttribute(step, attributes);
    }
    if (abbrev.tail > 0) this.reader.skip(abbrev.tail);
    return attributes;
  }

  /** Of a function or an inlined call; `scratch` may be filled and returned, so it holds until the next call. */
  readCall(abbrev: Abbrev, scratch: Attributes): CallAttributes {
    const { fields, size } = abbrev;
    if (!fields) return this.read(abbrev);
    const from = this.pass(size);
    scratch.sibling = fields.sibling ? this.referenceAt(fields.sibling, from) : -1;
    scratch.low = fields.low ? this.addressAt(fields.low, from) : NaN;
    scratch.high = fields.high ? this.highAt(fields.high, from, scratch.low) : NaN;
    scratch.ranges = fields.ranges ? { indexed: false, value: this.numberAt(fields.ranges, from) } : undefined;
    scratch.origin = fields.origin ? this.referenceAt(fields.origin, from) : -1;
    scratch.callFile = fields.callFile ? this.numberAt(fields.callFile, from) : -1;
    scratch.callLine = fields.callLine ? this.numberAt(fields.callLine, from) : -1;
    scratch.callColumn = fields.callColumn ? this.numberAt(fields.callColumn, from) : -1;
    return scratch;
  }

  /** Passes over the attributes; the offset of the next sibling when the entry has children and names it, else -1. */
  skip(abbrev: Abbrev): number {
    const { fields } = abbrev;
    if (fields) {
      const from = this.pass(abbrev.size);
      return abbrev.hasChildren && fields.sibling ? this.referenceAt(fields.sibling, from) : -1;
    }
    let sibling = -1;
    for (const step of abbrev.steps) {
      if (step.skip > 0) this.reader.skip(step.skip);
      if (step.attribute === DW_AT.sibling) sibling = this.readReference(step);
      else skipForm(this.reader, step.form, this.unit.header);
    }
    if (abbrev.tail > 0) this.reader.skip(abbrev.tail);
    return sibling;
  }

  /** Goes past the children of the entry just read, where its sibling attribute tells how. false: they come next. */
  skipChildren(sibling: number): boolean {
    // A sibling that does not lead forward would never end.
    const at = sibling - this.start;
    if (at <= this.reader.offset || at > this.bytes.length) return false;
    this.reader.offset = at;
    return true;
  }

  /** Goes over bytes that are there; where they began. */
  private pass(size: number): number {
    const from = this.reader.offset;
    if (from + size > this.bytes.length) this.reader.skip(size);
    this.reader.offset = from + size;
    return from;
  }

  private u16(at: number): number {
    const [a, b] = [this.bytes[at] ?? 0, this.bytes[at + 1] ?? 0];
    return this.little ? a | (b << 8) : b | (a << 8);
  }

  private u32(at: number): number {
    const { bytes } = this;
    const [a, b, c, d] = [bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0];
    return this.little ? (a | (b << 8) | (c << 16) | (d << 24)) >>> 0 : (d | (c << 8) | (b << 16) | (a << 24)) >>> 0;
  }

  private addressAt({ at, form }: Field, from: number): number {
    if (form !== DW_FORM.addr || this.unit.header.addressSize !== 8) return this.seekTo(from + at, () => this.readAddress({ form, implicitConst: 0 }));
    const { base } = this.unit;
    return this.little ? toPc(base, this.u32(from + at + 4), this.u32(from + at)) : toPc(base, this.u32(from + at), this.u32(from + at + 4));
  }

  private highAt(field: Field, from: number, low: number): number {
    if (field.form === DW_FORM.addr || isIndexedAddress(field.form)) return this.addressAt(field, from);
    return low + this.numberAt(field, from);
  }

  private referenceAt(field: Field, from: number): number {
    if (field.form === DW_FORM.ref4) return this.start + this.u32(from + field.at);
    return this.seekTo(from + field.at, () => this.readReference(field));
  }

  private numberAt({ at, form, implicitConst }: Field, from: number): number {
    switch (form) {
      case DW_FORM.data1:
        return this.bytes[from + at] ?? 0;
      case DW_FORM.data2:
        return this.u16(from + at);
      case DW_FORM.data4:
        return this.u32(from + at);
      case DW_FORM.data8:
        return this.little ? this.u32(from + at) + this.u32(from + at + 4) * 0x1_0000_0000 : this.u32(from + at) * 0x1_0000_0000 + this.u32(from + at + 4);
      case DW_FORM.implicit_const:
        return implicitConst;
      case DW_FORM.sec_offset:
        if (this.unit.header.offsetSize === 4) return this.u32(from + at);
    }
    return this.seekTo(from + at, () => this.number({ form, implicitConst }));
  }

  private seekTo(at: number, read: () => number): number {
    const { offset } = this.reader;
    this.reader.offset = at;
    const value = read();
    this.reader.offset = offset;
    return value;
  }

  private readAttribute(step: Step, into: Attributes): void {
    switch (step.attribute) {
      case DW_AT.sibling:
        into.sibling = this.readReference(step);
        break;
      case DW_AT.low_pc:
        into.low = this.readAddress(step);
        break;
      case DW_AT.high_pc:
        into.high = this.readHigh(step, into.low);
        break;
      case DW_AT.ranges:
        into.ranges = { indexed: step.form === DW_FORM.rnglistx, value: this.number(step) };
        break;
      case DW_AT.abstract_origin:
        into.origin = this.readReference(step);
        break;
      case DW_AT.specification:
        into.specification = this.readReference(step);
        break;
      case DW_AT.name:
        into.name = this.readString(step);
        break;
      case DW_AT.linkage_name:
      case DW_AT.MIPS_linkage_name:
        into.linkageName = this.readString(step);
        break;
      case DW_AT.comp_dir:
        into.compDir = this.readString(step);
        break;
      default:
        this.readPlainNumber(step, into);
    }
  }

  private readPlainNumber(step: Step, into: Attributes): void {
    const value = this.number(step);
    switch (step.attribute) {
      case DW_AT.call_file:
        into.callFile = value;
        break;
      case DW_AT.call_line:
        into.callLine = value;
        break;
      case DW_AT.call_column:
        into.callColumn = value;
        break;
      case DW_AT.stmt_list:
        into.stmtList = value;
        break;
      case DW_AT.language:
        into.language = value;
        break;
      case DW_AT.addr_base:
        into.addrBase = value;
        break;
      case DW_AT.str_offsets_base:
        into.strOffsetsBase = value;
        break;
      case DW_AT.rnglists_base:
        into.rnglistsBase = value;
        break;
    }
  }

  private number({ form, implicitConst }: Value): number {
    return readNumber(this.reader, form, this.unit.header, implicitConst);
  }

  private readAddress(step: Value): number {
    if (step.form === DW_FORM.addr) return readPc(this.reader, this.unit.header.addressSize, this.unit.base);
    const value = this.number(step);
    return isIndexedAddress(step.form) ? (this.unit.addresses?.[value] ?? NaN) : NaN;
  }

  /** DWARF 2.17.2: an address, or as a constant the length. Producers write low_pc first. */
  private readHigh(step: Value, low: number): number {
    if (step.form === DW_FORM.addr || isIndexedAddress(step.form)) return this.readAddress(step);
    return low + this.number(step);
  }

  private readReference(step: Value): number {
    const value = this.number(step);
    if (isUnitReference(step.form)) return this.unit.header.offset + value;
    if (isSupplementaryReference(step.form)) return supplementaryEntries + value;
    // Type signatures are elsewhere.
    return step.form === DW_FORM.ref_addr ? value : -1;
  }

  private readString(step: Value): StringRef {
    const at = this.offset;
    if (step.form !== DW_FORM.string) return { form: step.form, value: this.number(step) };
    skipForm(this.reader, step.form, this.unit.header);
    return { form: step.form, value: at };
  }
}
