import type { Endianness } from "../base/byteReader";
import { signedWordsOf } from "../base/words";
import type { AddressBase } from "../elf/addressLayout";

const two32 = 0x1_0000_0000;
/** Flips the order of signed words to that of unsigned ones. */
const signBit = 0x8000_0000;
/** Words before the first pair: length, version, unit, sizes, padding. */
const headerWords = 4;

/**
 * Looks for the units of a few pcs in .debug_aranges (DWARF 6.1.2) without making a table of it. A process
 * that resolves one stack runs this loop once, uncompiled, so it is written for that: signed words,
 * which are never heap objects, and no calls. Only the layout that everybody writes for 64-bit kernels
 * is understood: 32-bit DWARF, addresses of 8 bytes. A pc that is missing in the answer says nothing: the table has to be asked.
 */
export function scanAranges(bytes: Uint8Array, endianness: Endianness, base: AddressBase, pcs: readonly number[]): Map<number, number> {
  const found = new Map<number, number>();
  const words = signedWordsOf(bytes, endianness);
  const low = endianness === "little" ? 0 : 1;
  const high = 1 - low;
  const { wanted, wantedHigh } = wantedWords(base, pcs);
  const last = wanted.length - 1;
  const least = wanted[0] ?? 0;
  const most = wanted[last] ?? 0;
  let left = wanted.length;
  for (let set = 0; set + headerWords <= words.length && left > 0; ) {
    const length = words[set] ?? 0;
    const end = set + 1 + (length >> 2);
    if (length < 12 || length % 4 !== 0 || end > words.length || bytes[4 * set + 10] !== 8 || bytes[4 * set + 11] !== 0) break;
    for (let pair = set + headerWords; pair + 4 <= end; pair += 4) {
      const start = (words[pair + low] ?? 0) ^ signBit;
      if (start > most || words[pair + high] !== wantedHigh) continue;
      const size = words[pair + 2 + low] ?? 0;
      if (start + size <= least) continue;
      // The first wanted word that is not below the start.
      let at = 0;
      for (let above = last; at < above; ) {
        const middle = (at + above) >> 1;
        if ((wanted[middle] ?? 0) < start) at = middle + 1;
        else above = middle;
      }
      for (; at <= last && (wanted[at] ?? 0) - start < size; at++, left--) {
        const unit = unitOf(bytes, 4 * set, endianness);
        const pc = ((wantedHigh >>> 0) - base.high) * two32 + (((wanted[at] ?? 0) ^ signBit) >>> 0) - base.low;
        if (unit !== undefined && !found.has(pc)) found.set(pc, unit);
      }
    }
    set = end;
  }
  return found;
}

/** The low words of addresses, in order and each once, of all that have the high word of the first. */
function wantedWords({ high, low }: AddressBase, pcs: readonly number[]): { wanted: Int32Array; wantedHigh: number } {
  const addresses = pcs.map((pc) => low + pc);
  const highOf = (address: number): number => (high + Math.floor(address / two32)) | 0;
  const wantedHigh = highOf(addresses[0] ?? 0);
  const lows = addresses.filter((address) => highOf(address) === wantedHigh).map((address) => (address - Math.floor(address / two32) * two32) ^ signBit);
  return { wanted: Int32Array.from(new Set(lows)).sort(), wantedHigh };
}

function unitOf(bytes: Uint8Array, set: number, endianness: Endianness): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = endianness === "little";
  return view.getUint16(set + 4, little) === 2 ? view.getUint32(set + 6, little) : undefined;
}
