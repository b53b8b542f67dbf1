import type { ByteReader } from "../base/byteReader";
import { upperBound } from "../elf/symbolTable";
import type { AddressBase } from "../elf/addressLayout";
import { readInitialLength, readOffset, readPc } from "./encoding";

/** Which unit covers which pcs: columns sorted by `low`. */
export class UnitRanges {
  private constructor(
    private readonly low: Float64Array,
    private readonly high: Float64Array,
    private readonly unit: Float64Array,
    /** Offsets in .debug_info of the units named here, ascending, each once. */
    readonly units: Float64Array,
  ) {}

  static from(ranges: readonly UnitRange[]): UnitRanges {
    const sorted = ranges.filter(({ low, high }) => high > low).sort((a, b) => a.low - b.low);
    return new UnitRanges(
      Float64Array.from(sorted, ({ low }) => low),
      Float64Array.from(sorted, ({ high }) => high),
      Float64Array.from(sorted, ({ unit }) => unit),
      Float64Array.from(new Set(ranges.map(({ unit }) => unit))).sort(),
    );
  }

  get length(): number {
    return this.low.length;
  }

  /** Offset of the unit that covers a pc. */
  unitOf(pc: number): number | undefined {
    const index = upperBound(this.low, pc) - 1;
    return pc < (this.high[index] ?? NaN) ? this.unit[index] : undefined;
  }

  /** The uncovered pcs around an uncovered pc: up to the neighbouring ranges. */
  gap(pc: number): { readonly start: number; readonly end: number } {
    const index = upperBound(this.low, pc);
    return { start: this.high[index - 1] ?? -Infinity, end: this.low[index] ?? Infinity };
  }
}

export interface UnitRange {
  readonly low: number;
  readonly high: number;
  readonly unit: number;
}

/** DWARF 6.1.2: the whole .debug_aranges. */
export function parseAranges(reader: ByteReader, base: AddressBase): UnitRange[] {
  const ranges: UnitRange[] = [];
  while (reader.remaining > 0) {
    const start = reader.offset;
    const { length, offsetSize } = readInitialLength(reader);
    const end = reader.offset + length;
    const version = reader.u16();
    const unit = readOffset(reader, offsetSize);
    const [addressSize, segmentSize] = [reader.u8(), reader.u8()];
    if (version === 2 && segmentSize === 0 && (addressSize === 4 || addressSize === 8)) {
      // The first pair is aligned to its own size, counted from the set's start.
      const used = reader.offset - start;
      reader.skip((2 * addressSize - (used % (2 * addressSize))) % (2 * addressSize));
      parseSet(reader, end, { unit, addressSize, base }, ranges);
    }
    reader.seek(end);
  }
  return ranges;
}

interface ArangeSet {
  readonly unit: number;
  readonly addressSize: 4 | 8;
  readonly base: AddressBase;
}

function parseSet(reader: ByteReader, end: number, { unit, addressSize, base }: ArangeSet, into: UnitRange[]): void {
  while (reader.offset + 2 * addressSize <= end) {
    const low = readPc(reader, addressSize, base);
    const length = addressSize === 8 ? reader.u64Number() : reader.u32();
    if (length > 0) into.push({ low, high: low + length, unit });
  }
}
