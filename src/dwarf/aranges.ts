import type { ByteReader } from "../base/byteReader";
import type { AddressBase } from "../elf/addressLayout";
import { upperBound } from "../elf/symbolOrder";
import { readInitialLength, readOffset, readPc } from "./encoding";
import { PcColumns } from "./pcColumns";

/** Which unit covers which pcs. */
export class UnitRanges {
  private constructor(
    readonly columns: PcColumns,
    /** Offsets in .debug_info of the units named here, ascending, each once. */
    readonly units: Float64Array,
  ) {}

  static from(columns: PcColumns, units: readonly number[]): UnitRanges {
    return new UnitRanges(columns.sorted(), Float64Array.from(new Set(units)).sort());
  }

  /** Of what is in order already. */
  static ofSorted(columns: PcColumns, units: Float64Array): UnitRanges {
    return new UnitRanges(columns, units);
  }

  get length(): number {
    return this.columns.length;
  }

  /** Offset of the unit that covers a pc. */
  unitOf(pc: number): number | undefined {
    return this.columns.valueAt(pc);
  }

  /** The uncovered pcs around an uncovered pc: up to the neighbouring ranges. */
  gap(pc: number): { readonly start: number; readonly end: number } {
    return this.columns.gap(pc);
  }

  /** The last unit named here that begins at or before an offset; 0 when there is none. */
  lastUnitBefore(offset: number): number {
    return this.units[upperBound(this.units, offset) - 1] ?? 0;
  }
}

/** DWARF 6.1.2: the whole .debug_aranges. */
export function parseAranges(reader: ByteReader, base: AddressBase): UnitRanges {
  const columns = new PcColumns();
  const units: number[] = [];
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
      if (parseSet(reader, end, { unit, addressSize, base }, columns)) units.push(unit);
    }
    reader.seek(end);
  }
  return UnitRanges.from(columns, units);
}

interface ArangeSet {
  readonly unit: number;
  readonly addressSize: 4 | 8;
  readonly base: AddressBase;
}

/** false: the set is empty. */
function parseSet(reader: ByteReader, end: number, { unit, addressSize, base }: ArangeSet, into: PcColumns): boolean {
  const before = into.length;
  while (reader.offset + 2 * addressSize <= end) {
    const low = readPc(reader, addressSize, base);
    const length = addressSize === 8 ? reader.u64Number() : reader.u32();
    if (length > 0) into.add(low, low + length, unit);
  }
  return into.length > before;
}
