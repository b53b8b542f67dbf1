import type { ByteReader } from "../base/byteReader";
import { toPc, type AddressBase } from "../elf/addressLayout";

/** What decides the width of values in one unit. */
export interface Encoding {
  readonly version: number;
  /** 4 in the 32-bit DWARF format, 8 in the 64-bit one. */
  readonly offsetSize: 4 | 8;
  readonly addressSize: number;
}

/** DWARF 7.4: the initial length of a unit, which also tells the format. */
export function readInitialLength(reader: ByteReader): { readonly length: number; readonly offsetSize: 4 | 8 } {
  const length = reader.u32();
  if (length < 0xffff_fff0) return { length, offsetSize: 4 };
  if (length !== 0xffff_ffff) throw reader.error(`reserved unit length 0x${length.toString(16)}`, "dwarf/bad-unit");
  return { length: reader.size64(), offsetSize: 8 };
}

export const readOffset = (reader: ByteReader, offsetSize: 4 | 8): number => (offsetSize === 8 ? reader.size64() : reader.u32());

/** An address as a pc. */
export function readPc(reader: ByteReader, addressSize: number, base: AddressBase): number {
  if (addressSize === 8) return readPc64(reader, base);
  return toPc(base, 0, readSmall(reader, addressSize));
}

function readPc64(reader: ByteReader, base: AddressBase): number {
  const first = reader.u32();
  const second = reader.u32();
  return reader.endianness === "little" ? toPc(base, second, first) : toPc(base, first, second);
}

function readSmall(reader: ByteReader, size: number): number {
  if (size === 4) return reader.u32();
  if (size === 2) return reader.u16();
  if (size === 1) return reader.u8();
  throw reader.error(`address size ${size}`, "dwarf/bad-unit");
}
