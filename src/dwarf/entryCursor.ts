import { ByteReader, type Endianness } from "../base/byteReader";
import { toPc, type AddressBase } from "../elf/addressLayout";
import type { Abbrev, AbbrevTable, Field, Step } from "./abbrev";
import { Attributes, supplementaryEntries, type Extent, type FunctionName, type InlinedCall } from "./attributes";
import { DW_AT, DW_FORM } from "./constants";
import { readPc } from "./encoding";
import { Way, wayBytes, wayKind, wayRest, waySize } from "./entryWay";
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

// Numbers of their own, as reading a property in the loop over entries takes as long as passing over one.
const { unknown, plain, sibling, type, block, text, wanted } = Way;

/** How a value is stored. */
type Value = Pick<Step, "form" | "implicitConst">;

/**
 * Walks over the entries of a unit in the order of their bytes (DWARF 2.3, 7.5.3). Offsets are those of
 * .debug_info. Entries of fixed layout, nearly all that gcc writes, are passed over by one addition.
 */
export class EntryCursor {
  private readonly reader: ByteReader;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly little: boolean;
  private readonly start: number;
  /** Of the entry read last: its attributes, and those behind the one of varying size. */
  private from = 0;
  private late = 0;
  private attributes = new Attributes();

  constructor(private readonly unit: UnitContent) {
    this.reader = new ByteReader(unit.bytes, unit.endianness, unit.where, 0, unit.header.offset);
    this.bytes = unit.bytes;
    this.view = new DataView(unit.bytes.buffer, unit.bytes.byteOffset, unit.bytes.byteLength);
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

  /**
   * Goes over entries that cannot be wanted, with all below them, and gives the offset of the first that may be: it is to be entered next.
   * This loop is nearly all the work that entries make, and most of it runs before anything is compiled: it calls little and makes no objects.
   *
   * @param intoTypes whether functions may be declared in types
   */
  pass(intoTypes: boolean): number {
    const { bytes, view, little } = this;
    const { ways } = this.unit.abbrevs;
    const end = bytes.length;
    let entry = this.reader.offset;
    while (entry < end) {
      let at = entry + 1;
      let code = bytes[entry] ?? 0;
      if (code >= 0x80) code = (code & 0x7f) | ((bytes[at++] ?? 0) << 7);
      const way = ways[code] ?? wanted;
      const kind = way & wayKind;
      at += (way >> waySize) & wayBytes;
      if (kind === plain) {
        entry = at;
      } else if (kind === sibling || (kind === type && !intoTypes)) {
        if (at + 4 > end) break;
        const next = view.getUint32(at, little);
        // One that does not lead forward would never end.
        if (next < at + (way >> wayRest)) break;
        entry = next;
      } else if (kind === block) {
        const length = bytes[at] ?? 0x80;
        if (length >= 0x80) break;
        entry = at + 1 + length + (way >> wayRest);
      } else if (kind === text) {
        while ((bytes[at] ?? 0) !== 0) at++;
        entry = at + 1 + (way >> wayRest);
      } else if (code === 0 || kind !== unknown || !this.unit.abbrevs.findWay(code)) {
        break;
      }
    }
    this.reader.seek(entry);
    return this.start + entry;
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

  /** Of the entry whose declaration `enter` gave. What is returned holds until the next entry is read. */
  readExtent(abbrev: Abbrev): Extent {
    const { fields } = abbrev;
    if (!fields) return (this.attributes = this.read(abbrev));
    this.passAttributes(abbrev);
    const { attributes } = this;
    attributes.sibling = fields.sibling ? this.referenceAt(fields.sibling) : -1;
    attributes.low = fields.low ? this.addressAt(fields.low) : NaN;
    attributes.high = fields.high ? this.highAt(fields.high, attributes.low) : NaN;
    attributes.ranges = fields.ranges ? { indexed: false, value: this.numberAt(fields.ranges) } : undefined;
    return attributes;
  }

  /** The rest of the same entry. */
  inlinedCall({ fields }: Abbrev): InlinedCall {
    if (!fields) {
      const { origin, callFile, callLine, callColumn } = this.attributes;
      return { origin, file: callFile, line: callLine, column: callColumn };
    }
    const { origin, callFile, callLine, callColumn } = fields;
    return {
      origin: origin ? this.referenceAt(origin) : -1,
      file: callFile ? this.numberAt(callFile) : -1,
      line: callLine ? this.numberAt(callLine) : -1,
      column: callColumn ? this.numberAt(callColumn) : -1,
    };
  }

  readName(abbrev: Abbrev): FunctionName {
    const { fields } = abbrev;
    if (!fields) return this.read(abbrev);
    this.passAttributes(abbrev);
    const { name, linkageName, origin, specification } = fields;
    return {
      name: name && this.stringAt(name),
      linkageName: linkageName && this.stringAt(linkageName),
      origin: origin ? this.referenceAt(origin) : -1,
      specification: specification ? this.referenceAt(specification) : -1,
    };
  }

  /** Passes over the attributes; the offset of the next sibling when the entry has children and names it, else -1. */
  skip(abbrev: Abbrev): number {
    const { fields } = abbrev;
    if (fields) {
      this.passAttributes(abbrev);
      return abbrev.hasChildren && fields.sibling ? this.referenceAt(fields.sibling) : -1;
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

  /** Goes over attributes that are there, and notes where they are. */
  private passAttributes({ size, loose, looseForm }: Abbrev): void {
    const { reader } = this;
    this.from = reader.offset;
    if (loose >= 0) {
      skipForm(reader.skip(loose), looseForm, this.unit.header);
      // Where those behind the one of varying size would begin if it were empty.
      this.late = reader.offset - loose;
    } else {
      this.late = this.from;
    }
    const end = this.late + size;
    // An entry that is cut short: the reader tells where.
    if (end > this.bytes.length) reader.skip(end - reader.offset);
    reader.offset = end;
  }

  private placeOf(field: Field): number {
    return (field.late ? this.late : this.from) + field.at;
  }

  private addressAt(field: Field): number {
    const at = this.placeOf(field);
    if (field.form !== DW_FORM.addr || this.unit.header.addressSize !== 8) return this.seekTo(at, () => this.readAddress(field));
    const first = this.view.getUint32(at, this.little);
    const second = this.view.getUint32(at + 4, this.little);
    return this.little ? toPc(this.unit.base, second, first) : toPc(this.unit.base, first, second);
  }

  private highAt(field: Field, low: number): number {
    if (field.form === DW_FORM.addr || isIndexedAddress(field.form)) return this.addressAt(field);
    return low + this.numberAt(field);
  }

  private stringAt(field: Field): StringRef {
    return { form: field.form, value: field.form === DW_FORM.string ? this.start + this.placeOf(field) : this.numberAt(field) };
  }

  private referenceAt(field: Field): number {
    const at = this.placeOf(field);
    if (field.form === DW_FORM.ref4) return this.start + this.view.getUint32(at, this.little);
    return this.seekTo(at, () => this.readReference(field));
  }

  private numberAt(field: Field): number {
    const at = this.placeOf(field);
    switch (field.form) {
      case DW_FORM.data1:
        return this.bytes[at] ?? 0;
      case DW_FORM.data2:
        return this.view.getUint16(at, this.little);
      case DW_FORM.data4:
        return this.view.getUint32(at, this.little);
      case DW_FORM.implicit_const:
        return field.implicitConst;
      case DW_FORM.sec_offset:
      case DW_FORM.strp:
        if (this.unit.header.offsetSize === 4) return this.view.getUint32(at, this.little);
    }
    return this.seekTo(at, () => this.number(field));
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
