import { ByteReader } from "../base/byteReader";
import { errorCode } from "../base/errors";
import { pcOfAddress, toPc } from "../elf/addressLayout";
import type { Reading } from "../elf/reading";
import { readSpan, type SectionData } from "../elf/sectionData";
import { DW_RLE } from "./constants";
import { readOffset, readPc } from "./encoding";
import type { RangesRef } from "./entryCursor";
import { required, type DwarfSections } from "./sections";
import type { Unit } from "./unit";

/** Half-open ranges of pcs, flat: low, high, low, high … */
export type PcRanges = readonly number[];

/** Bytes behind a list's start that are read with it; lists rarely are longer, and grow when they are. */
const tail = 256;
/** Lists farther apart than this are read as separate spans. */
const widestGap = 4096;

/** Several range lists of one unit (DWARF 5: 2.17.3 and 7.25; before: 7.23), read in as few spans as they need. */
export function* readRangeLists(sections: DwarfSections, unit: Unit, refs: readonly RangesRef[]): Reading<readonly PcRanges[]> {
  if (refs.length === 0) return [];
  const section = required(sections, unit.header.version >= 5 ? "rnglists" : "ranges");
  const offsets = yield* listOffsets(section, unit, refs);
  const clusters = cluster(offsets);
  const pieces = yield* section.readSpans(clusters.map(({ start, end }) => ({ offset: start, length: end - start + tail })));
  const lists: PcRanges[] = [];
  for (const offset of offsets) {
    const index = clusters.findIndex(({ start, end }) => offset >= start && offset <= end);
    lists.push(yield* readList(section, unit, offset, pieces[index] ?? new Uint8Array(), clusters[index]?.start ?? 0));
  }
  return lists;
}

function* listOffsets(section: SectionData, unit: Unit, refs: readonly RangesRef[]): Reading<number[]> {
  const indexes = refs.flatMap(({ indexed, value }) => (indexed ? [value] : []));
  if (indexes.length === 0) return refs.map(({ value }) => value);
  const { offsetSize } = unit.header;
  const base = unit.root.rnglistsBase >= 0 ? unit.root.rnglistsBase : offsetSize === 8 ? 20 : 12;
  const table = yield* readSpan(section, base, (indexes.reduce((most, index) => Math.max(most, index), 0) + 1) * offsetSize);
  const reader = new ByteReader(table, unit.endianness, section.where, 0, base);
  return refs.map(({ indexed, value }) => (indexed ? base + readOffset(reader.seek(value * offsetSize), offsetSize) : value));
}

function cluster(offsets: readonly number[]): { start: number; end: number }[] {
  const clusters: { start: number; end: number }[] = [];
  for (const offset of [...offsets].sort((a, b) => a - b)) {
    const last = clusters.at(-1);
    if (last && offset - last.end <= widestGap) last.end = offset;
    else clusters.push({ start: offset, end: offset });
  }
  return clusters;
}

function* readList(section: SectionData, unit: Unit, offset: number, piece: Uint8Array, start: number): Reading<PcRanges> {
  let [bytes, base] = [piece, start];
  for (let length = tail * 16; ; length *= 16) {
    try {
      const reader = new ByteReader(bytes, unit.endianness, section.where, 0, base).seek(offset - base);
      return unit.header.version >= 5 ? parseRnglist(reader, unit) : parseRanges(reader, unit);
    } catch (error) {
      if (errorCode(error) !== "bytes/out-of-bounds" || base + bytes.length >= section.size) throw error;
      [bytes, base] = [yield* readSpan(section, offset, length), offset];
    }
  }
}

/** The address that offsets of the unit's lists count from; undefined for 0, which no pc can stand for. */
function unitBase({ root, base }: Unit): number | undefined {
  return Number.isNaN(root.low) || root.low === toPc(base, 0, 0) ? undefined : root.low;
}

/** .debug_ranges: pairs of offsets from a base that a pair beginning with all ones replaces. */
function parseRanges(reader: ByteReader, unit: Unit): PcRanges {
  const { addressSize } = unit.header;
  const ranges: number[] = [];
  let base = unitBase(unit);
  const word = (): bigint => (addressSize === 8 ? reader.u64() : BigInt(reader.u32()));
  const allOnes = addressSize === 8 ? 0xffff_ffff_ffff_ffffn : 0xffff_ffffn;
  for (;;) {
    const [low, high] = [word(), word()];
    if (low === 0n && high === 0n) return ranges;
    if (low === allOnes) base = high === 0n ? undefined : pcOfAddress(unit.base, high);
    else if (base === undefined) ranges.push(pcOfAddress(unit.base, low), pcOfAddress(unit.base, high));
    else ranges.push(base + Number(low), base + Number(high));
  }
}

/** .debug_rnglists. */
function parseRnglist(reader: ByteReader, unit: Unit): PcRanges {
  const ranges: number[] = [];
  const address = (): number => readPc(reader, unit.header.addressSize, unit.base);
  const indexed = (): number => unit.addresses?.[reader.uleb()] ?? NaN;
  let base = unitBase(unit);
  for (;;) {
    const kind = reader.u8();
    switch (kind) {
      case DW_RLE.end_of_list:
        return ranges;
      case DW_RLE.base_addressx:
        base = indexed();
        break;
      case DW_RLE.base_address:
        base = address();
        break;
      case DW_RLE.startx_endx:
        ranges.push(indexed(), indexed());
        break;
      case DW_RLE.startx_length:
        pushLength(ranges, indexed(), reader);
        break;
      case DW_RLE.start_length:
        pushLength(ranges, address(), reader);
        break;
      case DW_RLE.start_end:
        ranges.push(address(), address());
        break;
      case DW_RLE.offset_pair:
        pushPair(ranges, base, reader, unit);
        break;
      default:
        throw reader.error(`range list entry of kind ${kind}`, "dwarf/bad-ranges");
    }
  }
}

function pushLength(ranges: number[], start: number, reader: ByteReader): void {
  ranges.push(start, start + reader.uleb());
}

function pushPair(ranges: number[], base: number | undefined, reader: ByteReader, unit: Unit): void {
  const [low, high] = [reader.uleb64(), reader.uleb64()];
  if (base === undefined) ranges.push(pcOfAddress(unit.base, low), pcOfAddress(unit.base, high));
  else ranges.push(base + Number(low), base + Number(high));
}
