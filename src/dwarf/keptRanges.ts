import { getRecord, putRecord, type KeptRecords } from "../base/keptRecords";
import { UnitRanges } from "./aranges";
import { PcColumns } from "./pcColumns";

const [arangesKey, othersKey] = [0xfffe_0000, 0xfffe_0001];
const headBytes = 8;

/** The units by pc: of .debug_aranges, and of the units that it leaves out, once these were read. */
export interface KeptRanges {
  readonly aranges: UnitRanges;
  readonly others: UnitRanges | undefined;
}

/** Each a record: words for the numbers of ranges and of units; doubles for lows, highs and units of the ranges, and for the units. */
export function keepRanges(records: KeptRecords, { aranges, others }: KeptRanges): void {
  for (const [key, ranges] of [[arangesKey, aranges], [othersKey, others]] as const) {
    if (!ranges) continue;
    const parts = [Uint32Array.of(ranges.length, ranges.units.length), ...ranges.columns.columns(), ranges.units];
    putRecord(records, key, Buffer.concat(parts.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength))));
  }
}

export function keptRanges(records: KeptRecords): KeptRanges | undefined {
  const aranges = rangesOf(getRecord(records, arangesKey));
  return aranges && { aranges, others: rangesOf(getRecord(records, othersKey)) };
}

function rangesOf(bytes: Uint8Array | undefined): UnitRanges | undefined {
  if (!bytes || bytes.length < headBytes) return undefined;
  const [ranges = 0, units = 0] = new Uint32Array(bytes.buffer, bytes.byteOffset, 2);
  if (bytes.length !== headBytes + (3 * ranges + units) * 8) return undefined;
  const all = new Float64Array(bytes.slice(headBytes).buffer);
  const columns = PcColumns.of([all.subarray(0, ranges), all.subarray(ranges, 2 * ranges), all.subarray(2 * ranges, 3 * ranges)]);
  return UnitRanges.ofSorted(columns, all.subarray(3 * ranges));
}
