import { ByteReader } from "../base/byteReader";
import type { KeptRecords } from "../base/keptRecords";
import type { Reading } from "../elf/reading";
import { readSpan, type SectionData } from "../elf/sectionData";
import type { AbbrevCache } from "./abbrevCache";
import { parseAranges, UnitRanges } from "./aranges";
import { DW_TAG } from "./constants";
import { indexFunctions } from "./functionIndex";
import { scanAranges } from "./arangesScan";
import { keepRanges, keptRanges } from "./keptRanges";
import { PcColumns } from "./pcColumns";
import type { DwarfSections } from "./sections";
import { readUnit, readUnitHeader, readUnitRoot, type Unit } from "./unit";
import { longestUnitHeader, type UnitHeader } from "./unitHeader";

/** Linkers pad between units up to a cache line; a wider gap in .debug_aranges may be a unit that is not in it. */
const widestPadding = 64;
/** A table of all units' ranges costs as much as this many passes over the section. */
const scansBeforeTable = 12;
/** For more pcs in one question a table costs less. */
const pcsInScan = 200;

/**
 * Finds the unit of a pc or of an entry. .debug_aranges answers the first where it can. Some compilers
 * (clang) leave it out, so a miss that alignment does not explain makes us read the first entry of
 * every unit that is not named there, once.
 */
export class UnitIndex {
  private aranges: UnitRanges | undefined;
  /** .debug_aranges, until it is a table. */
  private arangesBytes: Uint8Array | undefined;
  private scans = 0;
  /** Units of pcs that were announced. */
  private announced: ReadonlyMap<number, number> = new Map();
  private others: UnitRanges | undefined;
  private readonly headers = new Map<number, UnitHeader>();

  constructor(
    private readonly sections: DwarfSections,
    private readonly abbrevs: AbbrevCache,
    records?: KeptRecords,
  ) {
    const kept = records && keptRanges(records);
    this.aranges = kept?.aranges;
    this.others = kept?.others;
  }

  /** Keeps what is known of all units. */
  *keep(records: KeptRecords): Reading<void> {
    keepRanges(records, { aranges: yield* this.readAranges(), others: this.others });
  }

  /** Finds the units of pcs that will be asked for, together. */
  *announce(pcs: readonly number[]): Reading<void> {
    this.announced = this.aranges || pcs.length > pcsInScan ? new Map() : yield* this.scan(pcs);
  }

  /** Without reading; undefined: `unitOf` finds out. */
  knownUnitOf(pc: number): number | undefined {
    return this.announced.get(pc) ?? this.aranges?.unitOf(pc);
  }

  *unitOf(pc: number): Reading<number | undefined> {
    const known = this.knownUnitOf(pc);
    if (known !== undefined) return known;
    const scanned = this.aranges || this.scans++ >= scansBeforeTable ? undefined : (yield* this.scan([pc])).get(pc);
    if (scanned !== undefined) return scanned;
    const aranges = yield* this.readAranges();
    const unit = aranges.unitOf(pc);
    if (unit !== undefined) return unit;
    const { start, end } = aranges.gap(pc);
    if (end - start <= widestPadding) return undefined;
    this.others ??= yield* this.rangesOfOthers(aranges);
    return this.others.unitOf(pc);
  }

  /** Offset of the unit that holds an entry. */
  *unitHolding(entry: number): Reading<number | undefined> {
    let offset = (yield* this.readAranges()).lastUnitBefore(entry);
    while (offset <= entry && offset < this.sections.info.size) {
      const { end } = yield* this.header(offset);
      if (entry < end) return offset;
      offset = end;
    }
    return undefined;
  }

  *header(offset: number, sections = this.sections): Reading<UnitHeader> {
    const known = this.headers.get(offset);
    if (known) return known;
    const header = yield* readUnitHeader(sections, offset);
    this.headers.set(offset, header);
    return header;
  }

  private *readAranges(): Reading<UnitRanges> {
    if (this.aranges) return this.aranges;
    const { aranges, endianness, layout } = this.sections;
    if (!aranges) return (this.aranges = UnitRanges.from(new PcColumns(), []));
    const bytes = yield* this.readBytes(aranges);
    this.arangesBytes = undefined;
    return (this.aranges = parseAranges(new ByteReader(bytes, endianness, aranges.where), layout.base));
  }

  private *scan(pcs: readonly number[]): Reading<ReadonlyMap<number, number>> {
    const { aranges, endianness, layout } = this.sections;
    return aranges ? scanAranges(yield* this.readBytes(aranges), endianness, layout.base, pcs) : new Map<number, number>();
  }

  private *readBytes(aranges: SectionData): Reading<Uint8Array> {
    return (this.arangesBytes ??= yield* readSpan(aranges, 0, aranges.size));
  }

  private *rangesOfOthers(aranges: UnitRanges): Reading<UnitRanges> {
    const named = new Set(aranges.units);
    const columns = new PcColumns();
    const units: number[] = [];
    // An inflated section's size is known once something of it was read.
    yield* readSpan(this.sections.info, 0, 4);
    const room = new Uint8Array(longestUnitHeader);
    for (let offset = 0; offset < this.sections.info.size; ) {
      const header = this.headers.get(offset) ?? (yield* readUnitHeader(this.sections, offset, room));
      if (!named.has(offset)) yield* this.addRanges(header, columns);
      units.push(offset);
      offset = header.end;
    }
    return UnitRanges.from(columns, units);
  }

  private *addRanges(header: UnitHeader, into: PcColumns): Reading<void> {
    const unit = yield* readUnitRoot(this.sections, header, this.abbrevs);
    if (unit.tag !== DW_TAG.compile_unit && unit.tag !== DW_TAG.skeleton_unit) return;
    const { low, high, ranges } = unit.root;
    if (ranges) {
      const [list = []] = yield* unit.rangeLists.read([ranges]);
      for (let index = 0; index + 1 < list.length; index += 2) into.add(list[index] ?? NaN, list[index + 1] ?? NaN, header.offset);
    } else if (high > low) {
      into.add(low, high, header.offset);
    } else if (unit.children !== undefined) {
      yield* this.addFunctions(header, into);
    }
  }

  /** A unit may leave its own range out (DWARF 3.1.1 makes it optional); its functions have theirs. */
  private *addFunctions(header: UnitHeader, into: PcColumns): Reading<void> {
    const unit: Unit = yield* readUnit(this.sections, header, this.abbrevs);
    const [lows, highs] = (yield* indexFunctions(unit).columns(unit)).columns();
    for (const [index, low] of lows.entries()) into.add(low, highs[index] ?? NaN, header.offset);
  }
}
