import { ByteReader, type Endianness } from "../base/byteReader";
import type { AddressBase } from "../elf/addressLayout";
import type { Abbrev, AbbrevTable, Step } from "./abbrev";
import { DW_AT, DW_FORM } from "./constants";
import { readPc } from "./encoding";
import { isIndexedAddress, isUnitReference, readNumber, skipForm, type StringRef } from "./form";
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

/** Walks over the entries of a unit in the order of their bytes (DWARF 2.3, 7.5.3). Offsets are those of .debug_info. */
export class EntryCursor {
  private readonly reader: ByteReader;

  constructor(private readonly unit: UnitContent) {
    this.reader = new ByteReader(unit.bytes, unit.endianness, unit.where, 0, unit.header.offset);
  }

  get offset(): number {
    return this.unit.header.offset + this.reader.offset;
  }

  get done(): boolean {
    return this.reader.done;
  }

  seek(offset: number): void {
    this.reader.seek(offset - this.unit.header.offset);
  }

  /** The declaration of the entry here, whose attributes are read or skipped next; undefined at the end of a list of children. */
  enter(): Abbrev | undefined {
    const code = this.reader.uleb();
    if (code === 0) return undefined;
    const abbrev = this.unit.abbrevs.get(code);
    if (!abbrev) throw this.reader.error(`abbreviation ${code} is not declared`, "dwarf/bad-entry");
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

  /** Passes over the attributes; the offset of the next sibling when the entry names it, else -1. */
  skip(abbrev: Abbrev): number {
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
    if (sibling <= this.offset || sibling > this.unit.header.end) return false;
    this.seek(sibling);
    return true;
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

  private number({ form, implicitConst }: Step): number {
    return readNumber(this.reader, form, this.unit.header, implicitConst);
  }

  private readAddress(step: Step): number {
    if (step.form === DW_FORM.addr) return readPc(this.reader, this.unit.header.addressSize, this.unit.base);
    const value = this.number(step);
    return isIndexedAddress(step.form) ? (this.unit.addresses?.[value] ?? NaN) : NaN;
  }

  /** DWARF 2.17.2: an address, or as a constant the length. Producers write low_pc first. */
  private readHigh(step: Step, low: number): number {
    if (step.form === DW_FORM.addr || isIndexedAddress(step.form)) return this.readAddress(step);
    return low + this.number(step);
  }

  private readReference(step: Step): number {
    const value = this.number(step);
    if (isUnitReference(step.form)) return this.unit.header.offset + value;
    // Type signatures and entries of supplementary files are elsewhere.
    return step.form === DW_FORM.ref_addr ? value : -1;
  }

  private readString(step: Step): StringRef {
    const at = this.offset;
    if (step.form !== DW_FORM.string) return { form: step.form, value: this.number(step) };
    skipForm(this.reader, step.form, this.unit.header);
    return { form: step.form, value: at };
  }
}
