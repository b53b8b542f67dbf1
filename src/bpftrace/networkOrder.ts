import type { Endianness } from "../base/byteReader";

/** A 16-bit value of network order as a machine of this endianness loads it, and back. */
export const networkPort = (value: number, endianness: Endianness): number =>
  endianness === "big" ? value : ((value & 0xff) << 8) | (value >>> 8);

export const networkWord = (value: number, endianness: Endianness): number =>
  endianness === "big" ? value : ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
