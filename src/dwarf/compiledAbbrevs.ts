import type { Abbrev } from "./abbrev";
import type { Encoding } from "./encoding";

interface Compiled {
  readonly bytes: Uint8Array;
  readonly encoding: Encoding;
  readonly abbrev: Abbrev;
}

/** No kernel has as many different ones. */
const most = 20_000;

/** Compiled declarations by their bytes: a compiler writes the same ones into the tables of all units. */
export class CompiledAbbrevs {
  private readonly bySum = new Map<number, Compiled[]>();
  private count = 0;

  /** What was compiled of the same bytes, from `start` to `end`, for the same encoding. */
  get(bytes: Uint8Array, start: number, end: number, { version, offsetSize, addressSize }: Encoding): Abbrev | undefined {
    for (const own of this.bySum.get(sumOf(bytes, start, end)) ?? []) {
      const { encoding } = own;
      if (encoding.version === version && encoding.offsetSize === offsetSize && encoding.addressSize === addressSize && isSame(own.bytes, bytes, start, end)) return own.abbrev;
    }
    return undefined;
  }

  add(bytes: Uint8Array, encoding: Encoding, abbrev: Abbrev): Abbrev {
    if (this.count === most) this.clear();
    this.count++;
    const sum = sumOf(bytes, 0, bytes.length);
    const known = this.bySum.get(sum);
    if (known) known.push({ bytes, encoding, abbrev });
    else this.bySum.set(sum, [{ bytes, encoding, abbrev }]);
    return abbrev;
  }

  private clear(): void {
    this.bySum.clear();
    this.count = 0;
  }
}

/** A sum that fits a small number. */
function sumOf(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at < end; at++) sum = (sum * 31 + (bytes[at] ?? 0)) & 0x3fff_ffff;
  return sum;
}

function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let at = 0; at < known.length; at++) if (known[at] !== bytes[start + at]) return false;
  return true;
}
