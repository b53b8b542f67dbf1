import { ByteReader } from "../base/byteReader";
import { DomainError, errorCode } from "../base/errors";
import { toPc } from "../elf/addressLayout";
import type { Reading } from "../elf/reading";
import type { SectionData } from "../elf/sectionData";
import { DW_RLE } from "./constants";
import { readOffset, readPc } from "./encoding";
import type { RangesRef, UnitContent } from "./entryCursor";
import { required, type DwarfSections } from "./sections";

/** Half-open ranges of pcs, flat: low, high, low, high … */
export type PcRanges = readonly number[];

/** Of the unit's first entry: what its lists count from. */
export interface RangesBase {
  readonly low: number;
  readonly rnglistsBase: number;
}

/** Bytes around a list that are read with it: the lists of a unit lie together, and most are asked for soon. */
const [before, tail] = [1024, 3072];

/**
 * The range lists of one unit (DWARF 5: 2.17.3 and 7.25; before: 7.23). Nobody says how long a list is,
 * nor where those of a unit begin and end, so windows of the section are read around what is asked for
 * and kept; a list that a window cuts off gets a longer one.
 */
export class RangeLists {
  private readonly windows: { readonly start: number; readonly bytes: Uint8Array }[] = [];

  private loads = 0;

  constructor(
    private readonly sections: DwarfSections,
    private readonly unit: UnitContent,
    private readonly root: RangesBase,
  ) {}

  /** Several lists, asked for together. */
  *read(refs: readonly RangesRef[]): Reading<readonly PcRanges[]> {
    for (;;) {
      const lists = refs.map((ref) => this.known(ref));
      const missing = refs.filter((_, index) => lists[index] === undefined);
      if (missing.length === 0) return lists.map((list) => list ?? []);
      yield* this.load(missing);
    }
  }

  /** A list whose bytes are here; undefined: `load` it and ask again. */
  known(ref: RangesRef): PcRanges | undefined {
    const at = this.placeOf(ref);
    const window = at.isIndex ? undefined : this.windowAt(at.offset);
    if (!window) return undefined;
    try {
      const reader = new ByteReader(window.bytes, this.unit.endianness, this.section.where, at.offset - window.start, window.start);
      return this.unit.header.version >= 5 ? parseRnglist(reader, this.unit, this.root) : parseRanges(reader, this.unit, this.root);
    } catch (error) {
      if (errorCode(error) !== "bytes/out-of-bounds" || window.start + window.bytes.length >= this.section.size) throw error;
      return undefined;
    }
  }

  *load(refs: readonly RangesRef[]): Reading<void> {
    // Each load brings bytes that were not here: damaged references could ask for the same ones for ever.
    if (++this.loads > 64 + this.section.size / 1024) throw new DomainError("dwarf/bad-ranges", "range lists that lead nowhere", this.section.where);
    const spans = clustered(refs.map((ref) => this.spanFor(this.placeOf(ref).offset)));
    const pieces = yield* this.section.readSpans(spans);
    for (const [index, { offset }] of spans.entries()) this.windows.unshift({ start: offset, bytes: pieces[index] ?? new Uint8Array() });
  }

  private get section(): SectionData {
    return required(this.sections, this.unit.header.version >= 5 ? "rnglists" : "ranges");
  }

  /** Where a list is; of an indexed one, as long as the table of offsets is not here, where its offset is. */
  private placeOf({ indexed, value }: RangesRef): { readonly offset: number; readonly isIndex: boolean } {
    if (!indexed) return { offset: value, isIndex: false };
    const { offsetSize } = this.unit.header;
    const base = this.root.rnglistsBase >= 0 ? this.root.rnglistsBase : offsetSize === 8 ? 20 : 12;
    const at = base + value * offsetSize;
    const window = this.windowAt(at);
    const end = window ? window.start + window.bytes.length : 0;
    // At the section's end no longer window helps: reading it fails, with its place.
    if (!window || (at + offsetSize > end && end < this.section.size)) return { offset: at, isIndex: true };
    const reader = new ByteReader(window.bytes, this.unit.endianness, this.section.where, at - window.start, window.start);
    return { offset: base + readOffset(reader, offsetSize), isIndex: false };
  }

  private windowAt(offset: number): (typeof this.windows)[number] | undefined {
    // The one that reaches farthest: each further load of a list then gets more of it, and there is an end.
    let best: (typeof this.windows)[number] | undefined;
    for (const window of this.windows) {
      const end = window.start + window.bytes.length;
      if (offset >= window.start && offset < end && end > (best ? best.start + best.bytes.length : 0)) best = window;
    }
    return best;
  }

  private spanFor(offset: number): { offset: number; length: number } {
    const cutOff = this.windowAt(offset);
    if (cutOff) return { offset, length: 8 * (cutOff.start + cutOff.bytes.length - offset) + tail };
    const start = Math.max(0, Math.min(offset, this.section.size) - before);
    // What lies outside of the section must fail, not be asked for for ever.
    return offset >= this.section.size ? { offset: offset + 1, length: 0 } : { offset: start, length: offset - start + tail };
  }
}

function clustered(spans: readonly { offset: number; length: number }[]): { offset: number; length: number }[] {
  const clusters: { offset: number; length: number }[] = [];
  for (const { offset, length } of [...spans].sort((a, b) => a.offset - b.offset)) {
    const last = clusters.at(-1);
    if (last && offset <= last.offset + last.length) last.length = Math.max(last.length, offset + length - last.offset);
    else clusters.push({ offset, length });
  }
  return clusters;
}

/** The address that offsets of the unit's lists count from; undefined for 0, which no pc can stand for. */
function unitBase({ base }: UnitContent, { low }: RangesBase): number | undefined {
  return Number.isNaN(low) || low === toPc(base, 0, 0) ? undefined : low;
}

const two32 = 0x1_0000_0000;

/** .debug_ranges: pairs of offsets from a base that a pair beginning with all ones replaces. */
function parseRanges(reader: ByteReader, unit: UnitContent, root: RangesBase): PcRanges {
  const wide = unit.header.addressSize === 8;
  const little = unit.endianness === "little";
  const ranges: number[] = [];
  let base = unitBase(unit, root);
  const word = (): readonly [high: number, low: number] => {
    if (!wide) return [0, reader.u32()];
    const [first, second] = [reader.u32(), reader.u32()];
    return little ? [second, first] : [first, second];
  };
  for (;;) {
    const [[lowHigh, lowLow], [highHigh, highLow]] = [word(), word()];
    const isZero = lowHigh === 0 && lowLow === 0;
    if (isZero && highHigh === 0 && highLow === 0) return ranges;
    if (lowLow === 0xffff_ffff && (!wide || lowHigh === 0xffff_ffff)) base = highHigh === 0 && highLow === 0 ? undefined : toPc(unit.base, highHigh, highLow);
    else if (base === undefined) ranges.push(toPc(unit.base, lowHigh, lowLow), toPc(unit.base, highHigh, highLow));
    else ranges.push(base + lowHigh * two32 + lowLow, base + highHigh * two32 + highLow);
  }
}

/** .debug_rnglists. */
function parseRnglist(reader: ByteReader, unit: UnitContent, root: RangesBase): PcRanges {
  const ranges: number[] = [];
  const address = (): number => readPc(reader, unit.header.addressSize, unit.base);
  const indexed = (): number => unit.addresses?.[reader.uleb()] ?? NaN;
  let base = unitBase(unit, root);
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

function pushPair(ranges: number[], base: number | undefined, reader: ByteReader, unit: UnitContent): void {
  if (base !== undefined) ranges.push(base + reader.uleb(), base + reader.uleb());
  else ranges.push(wholeAddress(reader, unit), wholeAddress(reader, unit));
}

/** Without a base the offset is the address, all 64 bits of it. */
function wholeAddress(reader: ByteReader, unit: UnitContent): number {
  const address = reader.uleb64();
  return toPc(unit.base, Number(address >> 32n), Number(address & 0xffff_ffffn));
}
