import type { Endianness } from "../../src/base/byteReader";
import { DW_FORM } from "../../src/dwarf/constants";
import { ByteWriter } from "./byteWriter";
import type { SectionSpec } from "./elfWriter";

export interface DwarfEncoding {
  readonly version: 2 | 3 | 4 | 5;
  readonly offsetSize: 4 | 8;
  readonly addressSize: 4 | 8;
  readonly endianness: Endianness;
}

export const dwarf5: DwarfEncoding = { version: 5, offsetSize: 4, addressSize: 8, endianness: "little" };

/** A value: a number, a text (for string forms), the entry of a label (for references), or bytes (for blocks). */
export type AttributeValue = bigint | number | string | { readonly entry: string } | Uint8Array;
export type AttributeSpec = readonly [attribute: number, form: number, value: AttributeValue];

export interface EntrySpec {
  readonly tag: number;
  readonly attributes: readonly AttributeSpec[];
  readonly children?: readonly EntrySpec[];
  /** For references from other entries, of any unit. */
  readonly label?: string;
}

/** Writes units with the string sections that they refer to. */
export class DwarfWriter {
  private readonly info: ByteWriter;
  private readonly abbrev: ByteWriter;
  private readonly strings = new Map<number, { writer: ByteWriter; offsets: Map<string, number> }>();
  private readonly labels = new Map<string, number>();
  private readonly fixups: { at: number; size: number; label: string; from: number }[] = [];
  private abbrevCode = 0;

  constructor(readonly encoding: DwarfEncoding = dwarf5) {
    this.info = new ByteWriter(encoding.endianness);
    this.abbrev = new ByteWriter(encoding.endianness);
  }

  /** Adds a compile unit; its offset in .debug_info. */
  unit(root: EntrySpec, unitType = 1): number {
    const { version, offsetSize, addressSize } = this.encoding;
    const start = this.info.length;
    const abbrevOffset = this.abbrev.length;
    if (offsetSize === 8) this.info.u32(0xffff_ffff);
    const lengthAt = this.info.length;
    this.info.int(0n, offsetSize).u16(version);
    if (version >= 5) this.info.u8(unitType).u8(addressSize).int(BigInt(abbrevOffset), offsetSize);
    else this.info.int(BigInt(abbrevOffset), offsetSize).u8(addressSize);
    this.abbrevCode = 0;
    this.entry(root, start);
    this.abbrev.u8(0);
    this.info.patch(lengthAt, this.info.length - lengthAt - offsetSize, offsetSize);
    return start;
  }

  /** Offset of a string in a string section, which is added when it is not there yet. */
  string(form: number, text: string): number {
    let table = this.strings.get(form);
    if (!table) this.strings.set(form, (table = { writer: new ByteWriter().cstring("first"), offsets: new Map() }));
    const known = table.offsets.get(text);
    if (known !== undefined) return known;
    const offset = table.writer.length;
    table.offsets.set(text, offset);
    table.writer.cstring(text);
    return offset;
  }

  sections(): SectionSpec[] {
    for (const { at, size, label, from } of this.fixups) {
      const target = this.labels.get(label);
      if (target === undefined) throw new Error(`no entry is labelled ${label}`);
      this.info.patch(at, target - from, size);
    }
    const sections: SectionSpec[] = [
      { name: ".debug_info", bytes: this.info.done() },
      { name: ".debug_abbrev", bytes: this.abbrev.done() },
    ];
    const names: Readonly<Record<number, string>> = { [DW_FORM.strp]: ".debug_str", [DW_FORM.line_strp]: ".debug_line_str" };
    for (const [form, { writer }] of this.strings) sections.push({ name: names[form] ?? "", bytes: writer.done() });
    return sections;
  }

  private entry(spec: EntrySpec, unitStart: number): void {
    if (spec.label !== undefined) this.labels.set(spec.label, this.info.length);
    // Every entry has a declaration of its own: simple, and exercises many codes.
    const code = ++this.abbrevCode;
    this.abbrev.uleb(code).uleb(spec.tag).u8(spec.children ? 1 : 0);
    for (const [attribute, form, value] of spec.attributes) {
      this.abbrev.uleb(attribute).uleb(form);
      if (form === DW_FORM.implicit_const) this.abbrev.sleb(value as bigint | number);
    }
    this.abbrev.u8(0).u8(0);
    this.info.uleb(code);
    for (const [, form, value] of spec.attributes) this.value(form, value, unitStart);
    if (!spec.children) return;
    for (const child of spec.children) this.entry(child, unitStart);
    this.info.u8(0);
  }

  private value(form: number, value: AttributeValue, unitStart: number): void {
    const { addressSize, offsetSize } = this.encoding;
    if (typeof value === "object" && "entry" in value) { this.reference(form, value.entry, unitStart); return; }
    if (value instanceof Uint8Array) return void this.info.uleb(value.length).raw(value);
    if (typeof value === "string") {
      if (form === DW_FORM.string) this.info.cstring(value);
      else this.info.int(BigInt(this.string(form, value)), offsetSize);
      return;
    }
    const number = BigInt(value);
    switch (form) {
      case DW_FORM.implicit_const:
      case DW_FORM.flag_present:
        return;
      case DW_FORM.addr:
        return void this.info.int(number, addressSize);
      case DW_FORM.sec_offset:
        return void this.info.int(number, offsetSize);
      case DW_FORM.sdata:
        return void this.info.sleb(number);
      case DW_FORM.data1:
      case DW_FORM.flag:
        return void this.info.int(number, 1);
      case DW_FORM.data2:
        return void this.info.int(number, 2);
      case DW_FORM.data4:
        return void this.info.int(number, 4);
      case DW_FORM.data8:
        return void this.info.int(number, 8);
      case DW_FORM.udata:
      case DW_FORM.addrx:
      case DW_FORM.strx:
      case DW_FORM.rnglistx:
        return void this.info.uleb(number);
      default:
        throw new Error(`the writer does not know form ${form}`);
    }
  }

  private reference(form: number, label: string, unitStart: number): void {
    const size = form === DW_FORM.ref_addr ? (this.encoding.version <= 2 ? this.encoding.addressSize : this.encoding.offsetSize) : 4;
    this.fixups.push({ at: this.info.length, size, label, from: form === DW_FORM.ref_addr ? 0 : unitStart });
    this.info.int(0n, size);
  }
}
