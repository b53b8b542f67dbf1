import { nativeWordsOf } from "../base/words";

interface Needle {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * Where several names stand in a string table, as tails of longer ones too: linkers let a name be the
 * end of another. One pass over the bytes serves all names: it stops at the NULs, four bytes at a time,
 * and looks at the two bytes before each.
 *
 * @returns offsets by name, ascending; names that are not there are left out
 */
export function searchNames(table: Uint8Array, names: Iterable<string>): Map<string, number[]> {
  const found = new Map<string, number[]>();
  const needles = new Needles(names);
  const { filter } = needles;
  const words = nativeWordsOf(table);
  for (let word = 0; word <= words.length; word++) {
    const value = words[word] ?? 0;
    // Whether any of the four bytes is 0.
    if (((value - 0x0101_0101) & ~value & 0x8080_8080) === 0) continue;
    for (let at = word * 4; at < word * 4 + 4 && at < table.length; at++) {
      if (table[at] !== 0 || filter[((table[at - 2] ?? 0) << 8) | (table[at - 1] ?? 0)] === 0) continue;
      for (const { name, bytes } of needles.endingAt(table, at)) {
        const known = found.get(name);
        if (known) known.push(at - bytes.length);
        else found.set(name, [at - bytes.length]);
      }
    }
  }
  return found;
}

class Needles {
  /** 1 for the two last bytes of any name. */
  readonly filter = new Uint8Array(0x1_0000);
  private readonly byLast = new Map<number, Needle[]>();

  constructor(names: Iterable<string>) {
    for (const name of new Set(names)) {
      const bytes = Buffer.from(name);
      const last = bytes.at(-1);
      if (last === undefined || bytes.includes(0)) continue;
      const before = bytes.at(-2);
      // What stands before a name of one byte is anything.
      for (let any = before ?? 0; any <= (before ?? 0xff); any++) this.filter[(any << 8) | last] = 1;
      this.byLast.set(last, [...(this.byLast.get(last) ?? []), { name, bytes }]);
    }
  }

  endingAt(table: Uint8Array, end: number): Needle[] {
    return (this.byLast.get(table[end - 1] ?? 0) ?? []).filter(({ bytes }) => endsWith(table, end, bytes));
  }
}

function endsWith(table: Uint8Array, end: number, name: Uint8Array): boolean {
  const start = end - name.length;
  if (start < 0) return false;
  for (let index = name.length - 1; index >= 0; index--) if (table[start + index] !== name[index]) return false;
  return true;
}
