import type { Endianness } from "../base/byteReader";
import { signedWordsOf } from "../base/words";
import type { AddressBase } from "../elf/addressLayout";

const two32 = 0x1_0000_0000;
/** Flips the order of signed words to that of unsigned ones. */
const signBit = 0x8000_0000;
/** Words before the first pair: length, version, unit, sizes, padding. */
const headerWords = 4;

/**
 * Looks for the unit of one pc in .debug_aranges (DWARF 6.1.2) without making a table of it. A process
 * that resolves one frame runs this loop once, uncompiled, so it is written for that: signed words,
 * which are never heap objects, and no calls. Only the layout that everybody writes for 64-bit kernels
 * is understood: 32-bit DWARF, addresses of 8 bytes. undefined says nothing: the table has to be asked.
 */
export function scanAranges(bytes: Uint8Array, endianness: Endianness, base: AddressBase, pc: number): number | undefined {
  const words = signedWordsOf(bytes, endianness);
  const [low, high] = endianness === "little" ? [0, 1] : [1, 0];
  const address = base.low + pc;
  const wantedHigh = (base.high + Math.floor(address / two32)) | 0;
  const wantedLow = (address - Math.floor(address / two32) * two32) ^ signBit;
  for (let set = 0; set + headerWords <= words.length; ) {
    const length = words[set] ?? 0;
    const end = set + 1 + (length >> 2);
    if (length < 12 || length % 4 !== 0 || end > words.length || bytes[4 * set + 10] !== 8 || bytes[4 * set + 11] !== 0) return undefined;
    for (let pair = set + headerWords; pair + 4 <= end; pair += 4) {
      if (words[pair + high] !== wantedHigh) continue;
      const start = (words[pair + low] ?? 0) ^ signBit;
      if (start <= wantedLow && wantedLow - start < (words[pair + 2 + low] ?? 0)) return unitOf(bytes, 4 * set, endianness);
    }
    set = end;
  }
  return undefined;
}

function unitOf(bytes: Uint8Array, set: number, endianness: Endianness): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = endianness === "little";
  return view.getUint16(set + 4, little) === 2 ? view.getUint32(set + 6, little) : undefined;
}
