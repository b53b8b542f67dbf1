import type { Endianness } from "../base/byteReader";

/** A 16-bit value of network order as a machine of this endianness loads it, and back. */
export const networkPort = (value: number, endianness: Endianness): number =>
  endianness === "big" ? value : ((value & 0xff) << 8) | (value >>> 8);

export const networkWord = (value: number, endianness: Endianness): number => {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, value, endianness === "little");
  return bytes.getUint32(0, false);
};
