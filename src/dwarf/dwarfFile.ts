import { CostCache } from "../base/costCache";
import type { KeptRecords } from "../base/keptRecords";
import type { Reading } from "../elf/reading";
import { readSpan } from "../elf/sectionData";
import { AbbrevCache } from "./abbrevCache";
import { ByteReader } from "../base/byteReader";
import { readInitialLength } from "./encoding";
import { EntryCursor, supplementaryEntries } from "./entryCursor";
import type { StringRef } from "./form";
import { FunctionIndex, indexFunctions } from "./functionIndex";
import { inlinedAt } from "./inlineChain";
import { keepUnit, keptUnit, type KeptUnit } from "./keptUnit";
import { PlaceNames, stringsOf, type PcPlace } from "./linePaths";
import { LineProgram } from "./lineProgram";
import { required, type DwarfSections } from "./sections";
import { readStrings } from "./strings";
import { readUnit, type Unit } from "./unit";
import { UnitIndex } from "./unitIndex";

/** What the debug information says about one pc. */
export interface PcLocation {
  /** Innermost first: inlined functions, then the one with code of its own. Never empty. */
  readonly frames: readonly PcFrame[];
  /** pc where the code of the outermost function (or this piece of it) begins; undefined when no function covers the pc. */
  readonly functionStart: number | undefined;
  /** Offset of the compilation unit in .debug_info. */
  readonly unit: number;
}

export interface PcFrame {
  /** undefined when no DW_TAG_subprogram covers the pc (assembler, padding), or the name is in a supplementary file. */
  readonly function: string | undefined;
  readonly place: PcPlace | undefined;
}

interface LoadedUnit {
  readonly unit: Unit;
  readonly kept: KeptUnit | undefined;
  lines: LineProgram | undefined;
  places: PlaceNames | undefined;
  functions: FunctionIndex | undefined;
}

/** Bytes of units kept with what was read from them. */
const unitBudget = 24 * 2 ** 20;
const nameBudget = 50_000;
/** From this many announced pcs on, which come in order, a unit is done with when the next one is met: kept ones would be moved about by each collection of garbage. */
const manyPcs = 200;
/** An origin leads to a declaration and that to another at most; longer chains are loops. */
const longestNameChain = 8;

/** pc → chain of functions with their lines, for one file with debug information. */
export class DwarfFile {
  private readonly index: UnitIndex;
  private readonly units = new CostCache<number, LoadedUnit>(unitBudget);
  private readonly abbrevs: AbbrevCache;
  private supplementary: DwarfFile | undefined;
  /** Of functions, by entry. Forgotten all together: a name is read again sooner than the order of use is kept. */
  private readonly names = new Map<number, string | undefined>();
  /** Whether many pcs were announced, and the unit of the last of them. */
  private isBatch = false;
  private lastUnit = -1;
  /** Units that nothing is kept of. */
  private readonly fresh = new Set<number>();

  /** @param records what an earlier process kept of this very file */
  constructor(
    private readonly sections: DwarfSections,
    private readonly records?: KeptRecords,
  ) {
    this.abbrevs = new AbbrevCache(sections);
    this.index = new UnitIndex(sections, this.abbrevs, records);
  }

  /** Keeps what is known of all units together. */
  *keep(records: KeptRecords): Reading<void> {
    yield* this.index.keep(records);
  }

  /** Keeps what a lookup needs of one more of the units that were used; false: there is none. */
  *keepUnit(records: KeptRecords): Reading<boolean> {
    const [offset] = this.fresh;
    if (offset === undefined) return false;
    this.fresh.delete(offset);
    const loaded = this.units.get(offset);
    if (!loaded || keptUnit(records, offset)) return true;
    const columns = yield* this.functionsOf(loaded).columns(loaded.unit);
    const lines = yield* this.linesOf(loaded);
    keepUnit(records, offset, { abbrevs: loaded.unit.abbrevs.places, functions: columns, stops: lines?.stops() });
    return true;
  }

  /** Announces pcs that will be asked for: their units are found together. */
  *announce(pcs: readonly number[]): Reading<void> {
    this.isBatch = pcs.length >= manyPcs;
    yield* this.index.announce(pcs);
  }

  /** undefined when no unit covers the pc, or neither a line nor a function does. */
  *locate(pc: number): Reading<PcLocation | undefined> {
    const offset = yield* this.index.unitOf(pc);
    if (offset === undefined) return undefined;
    if (this.isBatch && offset !== this.lastUnit) this.units.delete(this.lastUnit);
    this.lastUnit = offset;
    const loaded = yield* this.load(offset);
    const lines = yield* this.linesOf(loaded);
    const row = lines?.lineAt(pc);
    const piece = yield* this.functionsOf(loaded).at(pc, loaded.unit);
    if (!row && !piece) return undefined;
    const chain = piece ? [...(yield* inlinedAt(loaded.unit, piece.entry, pc))].reverse() : [];
    const entries = [...chain.map(({ origin }) => origin), piece?.entry ?? -1];
    const places = [row, ...chain.map(({ callFile, callLine, callColumn }) => ({ file: callFile, line: callLine, column: callColumn }))];
    const names = yield* this.namesOf(entries, loaded.unit);
    const resolved = lines ? yield* (loaded.places ??= new PlaceNames(this.sections, loaded.unit, lines)).of(places) : [];
    return { unit: offset, functionStart: piece?.low, frames: entries.map((_, index) => ({ function: names[index], place: resolved[index] })) };
  }

  private *load(offset: number): Reading<LoadedUnit> {
    const known = this.units.get(offset);
    if (known) return known;
    const kept = this.records && keptUnit(this.records, offset);
    if (!kept) this.fresh.add(offset);
    const unit = yield* readUnit(this.sections, yield* this.index.header(offset), this.abbrevs, kept?.abbrevs);
    const loaded: LoadedUnit = { unit, kept, lines: undefined, places: undefined, functions: kept && FunctionIndex.ofSorted(kept.functions) };
    // What is derived from a unit takes about as much as its bytes.
    this.units.set(offset, loaded, 2 * unit.bytes.length);
    return loaded;
  }

  private *linesOf(loaded: LoadedUnit): Reading<LineProgram | undefined> {
    const { stmtList } = loaded.unit.root;
    if (loaded.lines || stmtList < 0) return loaded.lines;
    const section = required(this.sections, "line");
    const { endianness, layout } = this.sections;
    const start = new ByteReader(yield* readSpan(section, stmtList, 12), endianness, section.where, 0, stmtList);
    const { length } = readInitialLength(start);
    const bytes = yield* readSpan(section, stmtList, start.offset + length);
    const context = { endianness, where: section.where, addressSize: loaded.unit.header.addressSize, base: layout.base };
    loaded.lines = new LineProgram(bytes, stmtList, context);
    if (loaded.kept?.stops) loaded.lines.restore(loaded.kept.stops);
    return loaded.lines;
  }

  private functionsOf(loaded: LoadedUnit): FunctionIndex {
    return (loaded.functions ??= indexFunctions(loaded.unit));
  }

  /** Names of functions by their entries; -1 stands for none. Strings are asked for together. */
  private *namesOf(entries: readonly number[], near: Unit | undefined): Reading<readonly (string | undefined)[]> {
    if (this.names.size > nameBudget) this.names.clear();
    const wanted: { entry: number; unit: Unit; ref: StringRef }[] = [];
    for (const entry of entries) {
      if (entry < 0 || this.names.has(entry)) continue;
      const found = yield* this.nameRef(entry, near);
      if (typeof found === "number") this.names.set(entry, yield* this.supplementaryName(found));
      else if (found) wanted.push({ entry, ...found });
    }
    for (const unit of new Set(wanted.map((item) => item.unit))) {
      const own = wanted.filter((item) => item.unit === unit);
      const read = yield* readStrings(stringsOf(this.sections, unit), own.map(({ ref }) => ref));
      own.forEach(({ entry }, index) => this.names.set(entry, read[index]));
    }
    return entries.map((entry) => this.names.get(entry));
  }

  private *supplementaryName(entry: number): Reading<string | undefined> {
    const { supplementary } = this.sections;
    if (!supplementary) return undefined;
    this.supplementary ??= new DwarfFile(supplementary);
    return (yield* this.supplementary.namesOf([entry], undefined))[0];
  }

  private *unitHolding(entry: number): Reading<Unit | undefined> {
    const offset = yield* this.index.unitHolding(entry);
    return offset === undefined ? undefined : (yield* this.load(offset)).unit;
  }

  /** A concrete function names its abstract instance, a definition its declaration (DWARF 2.13.2, 3.3.8.2). A number: that entry of the supplementary file has the name. */
  private *nameRef(start: number, near: Unit | undefined): Reading<{ unit: Unit; ref: StringRef } | number | undefined> {
    let entry = start;
    for (let hop = 0; hop < longestNameChain && entry >= 0; hop++) {
      if (entry >= supplementaryEntries) return entry - supplementaryEntries;
      const unit = near && holds(near, entry) ? near : yield* this.unitHolding(entry);
      if (!unit) return undefined;
      const cursor = new EntryCursor(unit).seek(entry);
      const abbrev = cursor.enter();
      if (!abbrev) return undefined;
      const { name, linkageName, origin, specification } = cursor.read(abbrev);
      const ref = name ?? linkageName;
      if (ref) return { unit, ref };
      entry = origin >= 0 ? origin : specification;
    }
    return undefined;
  }
}

const holds = ({ header }: Unit, entry: number): boolean => entry >= header.firstEntry && entry < header.end;
