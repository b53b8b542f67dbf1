import type { ByteReader } from "../base/byteReader";
import { DW_UT } from "./constants";
import { readInitialLength, readOffset, type Encoding } from "./encoding";

export interface UnitHeader extends Encoding {
  /** Of the unit in .debug_info. */
  readonly offset: number;
  /** Offset of the next unit. */
  readonly end: number;
  /** DW_UT_…; compile units of DWARF 2 to 4 count as DW_UT_compile. */
  readonly type: number;
  readonly abbrevOffset: number;
  /** Of its first entry, in .debug_info. */
  readonly firstEntry: number;
}

/** The longest header: 64-bit DWARF 5 type unit. */
export const longestUnitHeader = 40;

/** DWARF 7.5.1. `reader` stands at the unit's start; its `base` makes offsets those of the section. */
export function parseUnitHeader(reader: ByteReader): UnitHeader {
  const offset = reader.base + reader.offset;
  const { length, offsetSize } = readInitialLength(reader);
  const end = reader.base + reader.offset + length;
  const version = reader.u16();
  if (version < 2 || version > 5) throw reader.error(`unit of DWARF version ${version}`, "dwarf/bad-unit");
  const modern = version >= 5;
  const type = modern ? reader.u8() : DW_UT.compile;
  const early = modern ? reader.u8() : 0;
  const abbrevOffset = readOffset(reader, offsetSize);
  const addressSize = modern ? early : reader.u8();
  if (addressSize !== 4 && addressSize !== 8 && addressSize !== 2) throw reader.error(`addresses of ${addressSize} bytes`, "dwarf/bad-unit");
  if (type === DW_UT.skeleton || type === DW_UT.split_compile) reader.skip(8);
  if (type === DW_UT.type || type === DW_UT.split_type) reader.skip(8 + offsetSize);
  const firstEntry = reader.base + reader.offset;
  if (firstEntry > end) throw reader.error("unit that is shorter than its header", "dwarf/bad-unit");
  return { offset, end, version, offsetSize, addressSize, type, abbrevOffset, firstEntry };
}
