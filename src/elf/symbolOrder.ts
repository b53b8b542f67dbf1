import type { SymbolEntries } from "./symbolEntries";

/**
 * Places in order of address. Sorting all of them costs more than everything else that one stack needs,
 * so at first only those of the blocks of 64 KiB around the asked pcs are gathered and sorted; all of
 * them when these do not answer, or were not enough several times.
 */
export class SymbolOrder {
  /** Of sorted places, as `pc * scale + index`: exact, and sorted without a comparison function. */
  private keys = new Float64Array();
  /** Blocks whose places are among the keys; undefined: all. */
  private blocks: ReadonlySet<number> | undefined = new Set();
  private gathered = 0;
  private readonly scale: number;

  constructor(private readonly entries: SymbolEntries) {
    this.scale = scaleOf(entries);
  }

  /** Gathers what is around pcs that will be asked for, together. */
  prepare(pcs: Iterable<number>): void {
    const wanted = new Set<number>();
    for (const pc of pcs) for (let side = -1; side <= 1; side++) wanted.add(this.entries.blockOf(pc + side * nearEdge));
    if (wanted.size > blocksBeforeAll) this.gatherAll();
    else this.gather(wanted);
  }

  /** The pc of the last place that counts at or before a pc; undefined before the first. */
  lastBefore(pc: number, counts: (index: number) => boolean): number | undefined {
    return this.reliably(pc, -1, () => {
      let position = this.countUpTo(pc) - 1;
      while (position >= 0 && !counts(this.indexOf(position))) position--;
      return { position, value: this.pcOf(position) };
    });
  }

  /** Indexes of the places at a pc. */
  at(pc: number): number[] {
    this.gather([this.entries.blockOf(pc)]);
    const found: number[] = [];
    for (let position = this.countUpTo(pc) - 1; this.pcOf(position) === pc; position--) found.push(this.indexOf(position));
    return found.reverse();
  }

  /** The pc of the next place above that counts; Infinity above the last. */
  nextAbove(pc: number, counts: (index: number) => boolean): number {
    return this.reliably(pc, 1, () => {
      let position = this.countUpTo(pc);
      while (position < this.keys.length && !counts(this.indexOf(position))) position++;
      return { position, value: this.pcOf(position) ?? Infinity };
    });
  }

  /** Looks among what is there; if that does not tell, among one more block on that side; then among all. */
  private reliably<T>(pc: number, side: -1 | 1, look: () => { readonly position: number; readonly value: T }): T {
    if (!this.blocks) return look().value;
    const block = this.entries.blockOf(pc);
    for (const blocks of [[block], [block, block + side]]) {
      this.gather(blocks);
      const { position, value } = look();
      if (this.isReliable(position, pc)) return value;
    }
    this.gatherAll();
    return look().value;
  }

  /** Whether no block between a pc and a place is missing. */
  private isReliable(position: number, pc: number): boolean {
    const { blocks, entries } = this;
    if (!blocks) return true;
    const own = this.pcOf(position);
    if (own === undefined) return false;
    const [first, last] = [entries.blockOf(Math.min(own, pc)), entries.blockOf(Math.max(own, pc))];
    for (let block = first; block <= last; block++) if (!blocks.has(block)) return false;
    return true;
  }

  private gather(wanted: Iterable<number>): void {
    const { blocks: here } = this;
    if (!here) return;
    const missing = [...wanted].filter((block) => !here.has(block));
    if (missing.length === 0) return;
    if (!this.entries.hasBlocks || ++this.gathered > gathersBeforeAll) {
      this.gatherAll();
      return;
    }
    const blocks = new Set([...here, ...missing]);
    this.blocks = blocks;
    // Another block may have the same upper half: it is far away and does no harm.
    const indexes = blocks.size <= blocksSearched ? [...blocks].flatMap((block) => this.entries.inBlock(block)) : this.entries.inBlocks(blocks);
    this.keys = sortedKeys(this.entries, this.scale, indexes);
  }

  private gatherAll(): void {
    this.blocks = undefined;
    this.keys = sortedKeys(this.entries, this.scale);
  }

  /** How many places are not above a pc. */
  private countUpTo(pc: number): number {
    return upperBound(this.keys, pc * this.scale + this.scale - 1);
  }

  private pcOf(position: number): number | undefined {
    const key = this.keys[position];
    return key === undefined ? undefined : Math.floor(key / this.scale);
  }

  private indexOf(position: number): number {
    const key = this.keys[position] ?? NaN;
    return key - Math.floor(key / this.scale) * this.scale;
  }
}

/** A neighbour of a pc that is this near to its block's edge, in bytes, may be in the next block. Where one farther away is, that block is gathered when it is missed. */
const nearEdge = 0x1000;
/** For more blocks one pass over all symbols costs less than a native search for each. */
const blocksSearched = 4;
/** For more blocks than this, asked together, sorting everything costs less. */
const blocksBeforeAll = 64;
/** After this many gatherings sorting everything would have cost less. */
const gathersBeforeAll = 12;

/** Indexes of all places in order of pc; of those at one pc in the order of the table. */
export function placesInOrder(entries: SymbolEntries): Uint32Array {
  const scale = scaleOf(entries);
  return Uint32Array.from(sortedKeys(entries, scale), (key) => key - Math.floor(key / scale) * scale);
}

/** Above every index, so that a key sorts by pc and carries the index. */
const scaleOf = ({ count }: SymbolEntries): number => 2 ** Math.ceil(Math.log2(count + 1));

/** Of the places among some symbols, or among all. */
function sortedKeys(entries: SymbolEntries, scale: number, indexes?: readonly number[]): Float64Array<ArrayBuffer> {
  const candidates = indexes?.length ?? entries.count;
  const keys = new Float64Array(candidates);
  let count = 0;
  for (let position = 0; position < candidates; position++) {
    const index = indexes ? (indexes[position] ?? 0) : position;
    const pc = entries.pcAt(index);
    if (!Number.isNaN(pc)) keys[count++] = pc * scale + index;
  }
  return keys.subarray(0, count).sort();
}

/** The number of elements that are not greater. */
export function upperBound(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? NaN) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
