import { upperBound } from "../elf/symbolOrder";

/** Half-open ranges of pcs, each with a number, in columns that grow. */
export class PcColumns {
  length = 0;
  private low: Float64Array<ArrayBuffer>;
  private high: Float64Array<ArrayBuffer>;
  private value: Float64Array<ArrayBuffer>;

  constructor(room = firstRoom) {
    [this.low, this.high, this.value] = [new Float64Array(room), new Float64Array(room), new Float64Array(room)];
  }

  /** From what `columns` gave, or was kept of it. Three of equal length, sorted. */
  static of([low, high, value]: readonly [Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>, Float64Array<ArrayBuffer>]): PcColumns {
    const columns = new PcColumns(0);
    [columns.low, columns.high, columns.value, columns.length] = [low, high, value, low.length];
    return columns;
  }

  /** Lows, highs and numbers. */
  columns(): readonly [Float64Array, Float64Array, Float64Array] {
    return [this.low.subarray(0, this.length), this.high.subarray(0, this.length), this.value.subarray(0, this.length)];
  }

  /** Empty ranges are left out. */
  add(low: number, high: number, value: number): void {
    if (!(high > low)) return;
    if (this.length === this.low.length) this.grow();
    this.low[this.length] = low;
    this.high[this.length] = high;
    this.value[this.length++] = value;
  }

  copy(): PcColumns {
    return PcColumns.of([this.low.slice(), this.high.slice(), this.value.slice()]);
  }

  /** The same in order of address and cut to size; of ranges that begin at the same pc the longest comes first. */
  sorted(): PcColumns {
    const columns = new PcColumns(0);
    columns.length = this.length;
    const [low, high] = [this.low.subarray(0, this.length), this.high];
    if (isSorted(low)) {
      [columns.low, columns.high, columns.value] = [low.slice(), high.slice(0, this.length), this.value.slice(0, this.length)];
      return columns;
    }
    const order = Uint32Array.from(low.keys()).sort((a, b) => (low[a] ?? 0) - (low[b] ?? 0) || (high[b] ?? 0) - (high[a] ?? 0));
    columns.low = Float64Array.from(order, (index) => low[index] ?? NaN);
    columns.high = Float64Array.from(order, (index) => high[index] ?? NaN);
    columns.value = Float64Array.from(order, (index) => this.value[index] ?? NaN);
    return columns;
  }

  /** Index of the last range that begins at or before a pc, when it covers the pc; else -1. Only when sorted. */
  indexAt(pc: number): number {
    const index = upperBound(this.low, pc) - 1;
    return index >= 0 && pc < (this.high[index] ?? NaN) ? index : -1;
  }

  /** The same when not sorted, by a look at all. */
  searchFor(pc: number): number {
    const { low, high } = this;
    let best = -1;
    let bestLow = -Infinity;
    for (let index = 0; index < this.length; index++) {
      const own = low[index] ?? NaN;
      if (own > pc || own < bestLow || (own === bestLow && (high[index] ?? NaN) > (high[best] ?? NaN))) continue;
      best = index;
      bestLow = own;
    }
    return best >= 0 && pc < (high[best] ?? NaN) ? best : -1;
  }

  valueAt(pc: number): number | undefined {
    return this.value[this.indexAt(pc)];
  }

  /** The pcs up to the neighbouring ranges of an uncovered one. Only when sorted. */
  gap(pc: number): { readonly start: number; readonly end: number } {
    const index = upperBound(this.low, pc);
    return { start: this.high[index - 1] ?? -Infinity, end: this.low[index] ?? Infinity };
  }

  at(index: number): { readonly low: number; readonly high: number; readonly value: number } {
    return { low: this.low[index] ?? NaN, high: this.high[index] ?? NaN, value: this.value[index] ?? NaN };
  }

  private grow(): void {
    [this.low, this.high, this.value] = [doubled(this.low), doubled(this.high), doubled(this.value)];
  }
}

const firstRoom = 64;

function doubled(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(firstRoom, column.length * 2));
  larger.set(column);
  return larger;
}

/** Strictly ascending. */
function isSorted(values: Float64Array): boolean {
  for (let index = 1; index < values.length; index++) if (!((values[index - 1] ?? NaN) < (values[index] ?? NaN))) return false;
  return true;
}
