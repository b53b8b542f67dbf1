import { ByteReader } from "../base/byteReader";
import { DomainError, errorCode } from "../base/errors";
import { toPc } from "../elf/addressLayout";
import type { Reading } from "../elf/reading";
import type { SectionData } from "../elf/sectionData";
import type { RangesRef } from "./attributes";
import { DW_RLE } from "./constants";
import { readOffset, readPc } from "./encoding";
import type { UnitContent } from "./entryCursor";
import { required, type DwarfSections } from "./sections";

/** Half-open ranges of pcs, flat: low, high, low, high … */
export type PcRanges = readonly number[];

/** Of the unit's first entry: what its lists count from. */
export interface RangesBase {
  readonly low: number;
  readonly rnglistsBase: number;
}

interface Window {
  /** In the section. */
  readonly start: number;
  readonly bytes: Uint8Array;
  readonly reader: ByteReader;
}

/** Takes the ranges of a list one by one. */
interface RangeSink {
  /** true: no more is wanted. */
  add(low: number, high: number): boolean;
}

class RangeList implements RangeSink {
  readonly ranges: number[] = [];

  add(low: number, high: number): boolean {
    this.ranges.push(low, high);
    return false;
  }
}

class RangeSearch implements RangeSink {
  found = false;

  constructor(private readonly pc: number) {}

  add(low: number, high: number): boolean {
    return (this.found = this.pc >= low && this.pc < high);
  }
}

/** Bytes around a list that are read with it: the lists of a unit lie together, and most are asked for soon. */
const [before, tail] = [1024, 3072];

/**
 * The range lists of one unit (DWARF 5: 2.17.3 and 7.25; before: 7.23). Nobody says how long a list is,
 * nor where those of a unit begin and end, so windows of the section are read around what is asked for
 * and kept; a list that a window cuts off gets a longer one.
 */
export class RangeLists {
  private readonly windows: Window[] = [];

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

  /** Whether a list whose bytes are here covers a pc; undefined: `load` it and ask again. Makes no list: this is asked of every call that was inlined in pieces. */
  covers(ref: RangesRef, pc: number): boolean | undefined {
    const quick = ref.indexed || this.unit.header.version < 5 ? undefined : this.searchShort(ref.value, pc);
    if (quick !== undefined) return quick;
    const search = new RangeSearch(pc);
    return this.walk(ref, search) ? search.found : undefined;
  }

  /** The same of a list of short offsets from the base, as nearly all are; undefined where something else is met, or the end of what is here. */
  private searchShort(offset: number, pc: number): boolean | undefined {
    const window = this.windowAt(offset);
    const { addressSize } = this.unit.header;
    let base = unitBase(this.unit, this.root);
    if (!window) return undefined;
    const { bytes, reader } = window;
    for (let at = offset - window.start; ; ) {
      const kind = bytes[at++];
      if (kind === DW_RLE.end_of_list) return false;
      if (kind === DW_RLE.base_address && at + addressSize <= bytes.length) {
        base = readPc(reader.seek(at), addressSize, this.unit.base);
        at = reader.offset;
        continue;
      }
      if (kind !== DW_RLE.offset_pair || base === undefined) return undefined;
      let low = bytes[at++] ?? 0xffff;
      if (low >= 0x80) low = (low & 0x7f) | ((bytes[at++] ?? 0xff) << 7);
      let high = bytes[at++] ?? 0xffff;
      if (high >= 0x80) high = (high & 0x7f) | ((bytes[at++] ?? 0xff) << 7);
      if (low >= 0x4000 || high >= 0x4000) return undefined;
      if (pc >= base + low && pc < base + high) return true;
    }
  }

  private known(ref: RangesRef): PcRanges | undefined {
    const list = new RangeList();
    return this.walk(ref, list) ? list.ranges : undefined;
  }

  /** false: the list's bytes are not all here. */
  private walk(ref: RangesRef, into: RangeSink): boolean {
    const at = this.placeOf(ref);
    const window = at.isIndex ? undefined : this.windowAt(at.offset);
    if (!window) return false;
    try {
      const reader = window.reader.seek(at.offset - window.start);
      if (this.unit.header.version >= 5) walkRnglist(reader, this.unit, this.root, into);
      else walkRanges(reader, this.unit, this.root, into);
      return true;
    } catch (error) {
      if (errorCode(error) !== "bytes/out-of-bounds" || window.start + window.bytes.length >= this.section.size) throw error;
      return false;
    }
  }

  *load(refs: readonly RangesRef[]): Reading<void> {
    // Each load brings bytes that were not here: damaged references could ask for the same ones for ever.
    if (++this.loads > 64 + this.section.size / 1024) throw new DomainError("dwarf/bad-ranges", "range lists that lead nowhere", this.section.where);
    const spans = clustered(refs.map((ref) => this.spanFor(this.placeOf(ref).offset)));
    const pieces = yield* this.section.readSpans(spans);
    for (const [index, { offset }] of spans.entries()) {
      const bytes = pieces[index] ?? new Uint8Array();
      this.windows.unshift({ start: offset, bytes, reader: new ByteReader(bytes, this.unit.endianness, this.section.where, 0, offset) });
    }
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
    return { offset: base + readOffset(window.reader.seek(at - window.start), offsetSize), isIndex: false };
  }

  private windowAt(offset: number): (typeof this.windows)[number] | undefined {
    // The one that reaches farthest: each further load of a list then gets more of it, and there is an end.
    let best: (typeof this.windows)[number] | undefined;
    const { windows } = this;
    for (let index = 0; index < windows.length; index++) {
      const window = windows[index];
      const end = window ? window.start + window.bytes.length : 0;
      if (window && offset >= window.start && offset < end && end > (best ? best.start + best.bytes.length : 0)) best = window;
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
function walkRanges(reader: ByteReader, unit: UnitContent, root: RangesBase, into: RangeSink): void {
  const wide = unit.header.addressSize === 8;
  const little = unit.endianness === "little";
  let base = unitBase(unit, root);
  const word = (): readonly [high: number, low: number] => {
    if (!wide) return [0, reader.u32()];
    const [first, second] = [reader.u32(), reader.u32()];
    return little ? [second, first] : [first, second];
  };
  for (let isDone = false; !isDone; ) {
    const [[lowHigh, lowLow], [highHigh, highLow]] = [word(), word()];
    const isZero = lowHigh === 0 && lowLow === 0;
    if (isZero && highHigh === 0 && highLow === 0) return;
    if (lowLow === 0xffff_ffff && (!wide || lowHigh === 0xffff_ffff)) base = highHigh === 0 && highLow === 0 ? undefined : toPc(unit.base, highHigh, highLow);
    else if (base === undefined) isDone = into.add(toPc(unit.base, lowHigh, lowLow), toPc(unit.base, highHigh, highLow));
    else isDone = into.add(base + lowHigh * two32 + lowLow, base + highHigh * two32 + highLow);
  }
}

/** .debug_rnglists. */
function walkRnglist(reader: ByteReader, unit: UnitContent, root: RangesBase, into: RangeSink): void {
  let base = unitBase(unit, root);
  for (let isDone = false; !isDone; ) {
    const kind = reader.u8();
    switch (kind) {
      case DW_RLE.end_of_list:
        return;
      case DW_RLE.base_addressx:
        base = indexed(reader, unit);
        break;
      case DW_RLE.base_address:
        base = address(reader, unit);
        break;
      case DW_RLE.startx_endx:
        isDone = into.add(indexed(reader, unit), indexed(reader, unit));
        break;
      case DW_RLE.startx_length:
        isDone = addLength(into, indexed(reader, unit), reader);
        break;
      case DW_RLE.start_length:
        isDone = addLength(into, address(reader, unit), reader);
        break;
      case DW_RLE.start_end:
        isDone = into.add(address(reader, unit), address(reader, unit));
        break;
      case DW_RLE.offset_pair:
        isDone = base === undefined ? into.add(wholeAddress(reader, unit), wholeAddress(reader, unit)) : into.add(base + reader.uleb(), base + reader.uleb());
        break;
      default:
        throw reader.error(`range list entry of kind ${kind}`, "dwarf/bad-ranges");
    }
  }
}

const address = (reader: ByteReader, unit: UnitContent): number => readPc(reader, unit.header.addressSize, unit.base);
const indexed = (reader: ByteReader, unit: UnitContent): number => unit.addresses?.[reader.uleb()] ?? NaN;
const addLength = (into: RangeSink, start: number, reader: ByteReader): boolean => into.add(start, start + reader.uleb());

/** Without a base the offset is the address, all 64 bits of it. */
function wholeAddress(reader: ByteReader, unit: UnitContent): number {
  const whole = reader.uleb64();
  return toPc(unit.base, Number(whole >> 32n), Number(whole & 0xffff_ffffn));
}
