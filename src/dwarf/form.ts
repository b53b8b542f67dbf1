import type { ByteReader } from "../base/byteReader";
import { DW_FORM } from "./constants";
import { readOffset, type Encoding } from "./encoding";

/** Bytes of a form that always has the same size in units of this encoding; -1 when it varies, or is not known. DWARF 7.5.6. */
export function fixedFormSize(form: number, encoding: Encoding): number {
  return formSizes(encoding)[form] ?? unlistedSize(form, encoding);
}

const tables = new Map<number, Int8Array>();

/** The same of all forms of the standard, by form: reading an abbreviation asks for thousands. */
export function formSizes(encoding: Encoding): Int8Array {
  const key = encoding.version * 256 + encoding.offsetSize * 16 + encoding.addressSize;
  const known = tables.get(key);
  if (known) return known;
  const sizes = Int8Array.from({ length: DW_FORM.addrx4 + 1 }, (_, form) => sizeOf(form, encoding));
  tables.set(key, sizes);
  return sizes;
}

const unlistedSize = (form: number, encoding: Encoding): number => (form === DW_FORM.GNU_ref_alt || form === DW_FORM.GNU_strp_alt ? encoding.offsetSize : -1);

function sizeOf(form: number, { version, offsetSize, addressSize }: Encoding): number {
  switch (form) {
    case DW_FORM.flag_present:
    case DW_FORM.implicit_const:
      return 0;
    case DW_FORM.data1:
    case DW_FORM.flag:
    case DW_FORM.ref1:
    case DW_FORM.strx1:
    case DW_FORM.addrx1:
      return 1;
    case DW_FORM.data2:
    case DW_FORM.ref2:
    case DW_FORM.strx2:
    case DW_FORM.addrx2:
      return 2;
    case DW_FORM.strx3:
    case DW_FORM.addrx3:
      return 3;
    case DW_FORM.data4:
    case DW_FORM.ref4:
    case DW_FORM.strx4:
    case DW_FORM.addrx4:
    case DW_FORM.ref_sup4:
      return 4;
    case DW_FORM.data8:
    case DW_FORM.ref8:
    case DW_FORM.ref_sig8:
    case DW_FORM.ref_sup8:
      return 8;
    case DW_FORM.data16:
      return 16;
    case DW_FORM.addr:
      return addressSize;
    case DW_FORM.ref_addr:
      return version <= 2 ? addressSize : offsetSize;
    case DW_FORM.strp:
    case DW_FORM.line_strp:
    case DW_FORM.sec_offset:
    case DW_FORM.strp_sup:
      return offsetSize;
    default:
      return -1;
  }
}

/** Passes over one value. */
export function skipForm(reader: ByteReader, form: number, encoding: Encoding): void {
  const size = fixedFormSize(form, encoding);
  if (size >= 0) {
    reader.skip(size);
    return;
  }
  switch (form) {
    case DW_FORM.udata:
    case DW_FORM.sdata:
    case DW_FORM.ref_udata:
    case DW_FORM.strx:
    case DW_FORM.addrx:
    case DW_FORM.loclistx:
    case DW_FORM.rnglistx:
    case DW_FORM.GNU_addr_index:
    case DW_FORM.GNU_str_index:
      reader.skipLeb();
      return;
    case DW_FORM.string:
      skipString(reader);
      return;
    case DW_FORM.indirect:
      skipForm(reader, readIndirect(reader), encoding);
      return;
    default:
      reader.skip(blockLength(reader, form));
  }
}

/** DW_FORM_indirect: the form stands before the value. It may not be indirect again, nor have its value elsewhere (DWARF 7.5.3). */
function readIndirect(reader: ByteReader): number {
  const form = reader.uleb();
  if (form === DW_FORM.indirect || form === DW_FORM.implicit_const) throw reader.error("indirect form of an indirect form", "dwarf/unknown-form");
  return form;
}

function blockLength(reader: ByteReader, form: number): number {
  switch (form) {
    case DW_FORM.block1:
      return reader.u8();
    case DW_FORM.block2:
      return reader.u16();
    case DW_FORM.block4:
      return reader.u32();
    case DW_FORM.block:
    case DW_FORM.exprloc:
      return reader.uleb();
    default:
      // The size of an unknown form is unknown, so nothing after it in the unit can be read.
      throw reader.error(`unknown attribute form 0x${form.toString(16)}`, "dwarf/unknown-form");
  }
}

function skipString(reader: ByteReader): void {
  const end = reader.bytes.indexOf(0, reader.offset);
  if (end < 0) throw reader.error("string without an end");
  reader.seek(end + 1);
}

/**
 * The plain number that a value consists of: a constant, an offset, an index, or a reference as it is
 * stored. Blocks and strings are not numbers: they are passed over and give NaN.
 */
export function readNumber(reader: ByteReader, form: number, encoding: Encoding, implicitConst: number): number {
  switch (form) {
    case DW_FORM.flag_present:
      return 1;
    case DW_FORM.implicit_const:
      return implicitConst;
    case DW_FORM.sdata:
      return reader.sleb();
    case DW_FORM.udata:
    case DW_FORM.ref_udata:
    case DW_FORM.strx:
    case DW_FORM.addrx:
    case DW_FORM.loclistx:
    case DW_FORM.rnglistx:
    case DW_FORM.GNU_addr_index:
    case DW_FORM.GNU_str_index:
      return reader.uleb();
    case DW_FORM.indirect:
      return readNumber(reader, readIndirect(reader), encoding, implicitConst);
    default:
      return readFixed(reader, form, encoding);
  }
}

function readFixed(reader: ByteReader, form: number, encoding: Encoding): number {
  switch (fixedFormSize(form, encoding)) {
    case 1:
      return reader.u8();
    case 2:
      return reader.u16();
    case 3:
      return reader.u24();
    case 4:
      return reader.u32();
    case 8:
      return form === DW_FORM.data8 ? reader.u64Number() : readOffset(reader, 8);
    default:
      skipForm(reader, form, encoding);
      return NaN;
  }
}

/** A string attribute before anybody needs its text. */
export interface StringRef {
  readonly form: number;
  /** Offset or index, by the form; for DW_FORM_string the offset of its bytes in the section that holds the attribute. */
  readonly value: number;
}

const indexedAddresses: ReadonlySet<number> = new Set([DW_FORM.addrx, DW_FORM.addrx1, DW_FORM.addrx2, DW_FORM.addrx3, DW_FORM.addrx4, DW_FORM.GNU_addr_index]);
export const isIndexedAddress = (form: number): boolean => indexedAddresses.has(form);

const references: ReadonlySet<number> = new Set([DW_FORM.ref1, DW_FORM.ref2, DW_FORM.ref4, DW_FORM.ref8, DW_FORM.ref_udata]);
/** Reference to another entry of the same unit, counted from the unit's start. */
export const isUnitReference = (form: number): boolean => references.has(form);

const supplementaryReferences: ReadonlySet<number> = new Set([DW_FORM.ref_sup4, DW_FORM.ref_sup8, DW_FORM.GNU_ref_alt]);
/** Reference to an entry of the supplementary file, an offset in its .debug_info. */
export const isSupplementaryReference = (form: number): boolean => supplementaryReferences.has(form);
