import { getRecord, putRecord, type KeptRecords } from "../base/keptRecords";
import type { AbbrevPlaces } from "./abbrev";
import { stopSize, type LineStops } from "./lineProgram";
import { PcColumns } from "./pcColumns";

/** What was found out about a unit at an earlier time, so that a lookup in it reads little more than its answer. */
export interface KeptUnit {
  readonly abbrevs: AbbrevPlaces;
  /** Pieces of functions, in order. */
  readonly functions: PcColumns;
  /** undefined: its line program is run from the start. */
  readonly stops: LineStops | undefined;
}

/** Larger offsets of units are other records' numbers. */
const lastUnit = 0xfff0_0000;
const headWords = 6;
const sequenceSize = 5;

/** Words: length of the abbreviations, their number, functions, sequences, stops, 1 when there are stops. Then doubles: functions, sequences, stops. Then words: places of abbreviations. */
export function keepUnit(records: KeptRecords, unit: number, { abbrevs, functions, stops }: KeptUnit): void {
  // Codes are numbered one by one by all compilers.
  if (unit >= lastUnit || abbrevs.others.size > 0) return;
  const sequences = (stops?.sequences ?? []).flatMap(({ low, high, start, first, end }) => [low, high, start, first, end]);
  const doubles = [...functions.columns(), Float64Array.from(sequences), stops?.stops ?? new Float64Array()];
  const head = Uint32Array.of(abbrevs.length, abbrevs.byCode.length, functions.length, sequences.length / sequenceSize, (stops?.stops.length ?? 0) / stopSize, stops ? 1 : 0);
  const parts = [head, ...doubles, Uint32Array.from(abbrevs.byCode)];
  putRecord(records, unit, Buffer.concat(parts.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength))));
}

/** undefined when nothing is kept, or it is not what this version writes. */
export function keptUnit(records: KeptRecords, unit: number): KeptUnit | undefined {
  const bytes = unit < lastUnit ? getRecord(records, unit) : undefined;
  if (!bytes || bytes.length < headWords * 4) return undefined;
  const [length = 0, codes = 0, functions = 0, sequences = 0, stops = 0, hasStops] = new Uint32Array(bytes.buffer, bytes.byteOffset, headWords);
  const doubles = 3 * functions + sequenceSize * sequences + stopSize * stops;
  if (bytes.length !== headWords * 4 + doubles * 8 + codes * 4) return undefined;
  let at = headWords * 4;
  const take = (count: number): Float64Array<ArrayBuffer> => new Float64Array(bytes.slice(at, (at += count * 8)).buffer);
  const columns = PcColumns.of([take(functions), take(functions), take(functions)]);
  const rows = take(sequenceSize * sequences);
  const lines = hasStops ? { sequences: Array.from({ length: sequences }, (_, index) => sequenceOf(rows, index * sequenceSize)), stops: take(stopSize * stops) } : undefined;
  const byCode = new Uint32Array(bytes.slice(at).buffer);
  return { abbrevs: { byCode, others: new Map(), length }, functions: columns, stops: lines };
}

function sequenceOf(rows: Float64Array, at: number): LineStops["sequences"][number] {
  const [low = NaN, high = NaN, start = 0, first = 0, end = 0] = rows.subarray(at, at + sequenceSize);
  return { low, high, start, first, end };
}
