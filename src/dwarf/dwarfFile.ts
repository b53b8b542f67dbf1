import { ByteReader } from "../base/byteReader";
import { CostCache } from "../base/costCache";
import type { KeptRecords } from "../base/keptRecords";
import type { Reading } from "../elf/reading";
import { readSpan } from "../elf/sectionData";
import { AbbrevCache } from "./abbrevCache";
import { readInitialLength } from "./encoding";
import { FunctionIndex, indexFunctions } from "./functionIndex";
import { FunctionNames } from "./functionNames";
import { inlinedAt } from "./inlineChain";
import { keepUnit, keptUnit, type KeptUnit } from "./keptUnit";
import { PlaceNames, type PcPlace, type RawPlace } from "./linePaths";
import { LineProgram } from "./lineProgram";
import { aheadSections, required, type DwarfSections } from "./sections";
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
  /** That it was read from. */
  readonly sections: DwarfSections;
  readonly kept: KeptUnit | undefined;
  lines: LineProgram | undefined;
  places: PlaceNames | undefined;
  functions: FunctionIndex | undefined;
}

/** Bytes of units kept with what was read from them. */
const unitBudget = 24 * 2 ** 20;
/** From this many announced pcs on, which come in order, sections are read far ahead, and a unit is done with when the next one is met. */
const manyPcs = 200;

/** pc → chain of functions with their lines, for one file with debug information. */
export class DwarfFile {
  private readonly index: UnitIndex;
  private readonly units = new CostCache<number, LoadedUnit>(unitBudget);
  private readonly abbrevs: AbbrevCache;
  private readonly names: FunctionNames;
  private supplementary: DwarfFile | undefined;
  /** For many pcs that were announced; and the unit of the last of them. */
  private ahead: DwarfSections | undefined;
  private lastUnit = -1;
  /** Units that nothing is kept of. */
  private readonly fresh = new Set<number>();

  /** @param records what an earlier process kept of this very file */
  constructor(
    private readonly sections: DwarfSections,
    private readonly records?: KeptRecords,
  ) {
    this.abbrevs = new AbbrevCache(sections.endianness);
    this.index = new UnitIndex(sections, this.abbrevs, records);
    this.names = new FunctionNames((entry) => this.unitHolding(entry), (entry) => this.supplementaryName(entry));
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

  /**
   * Announces pcs that will be asked for: their units are found together.
   *
   * @param isHere whether reading more than is wanted costs little
   */
  *announce(pcs: readonly number[], isHere: boolean): Reading<void> {
    this.ahead = isHere && pcs.length >= manyPcs ? aheadSections(this.sections) : undefined;
    yield* this.index.announce(pcs);
  }

  /** undefined when no unit covers the pc, or neither a line nor a function does. */
  *locate(pc: number): Reading<PcLocation | undefined> {
    const offset = this.index.knownUnitOf(pc) ?? (yield* this.index.unitOf(pc));
    if (offset === undefined) return undefined;
    if (this.ahead && offset !== this.lastUnit) this.units.delete(this.lastUnit);
    this.lastUnit = offset;
    const loaded = this.units.get(offset) ?? (yield* this.load(offset, this.ahead));
    const lines = loaded.lines ?? (yield* this.linesOf(loaded));
    const row = lines?.lineAt(pc);
    const piece = yield* this.functionsOf(loaded).at(pc, loaded.unit);
    if (!row && !piece) return undefined;
    const entries: number[] = [];
    const places: (RawPlace | undefined)[] = [row];
    const chain = piece ? yield* inlinedAt(loaded.unit, piece.entry, pc) : [];
    for (let index = chain.length - 1; index >= 0; index--) {
      const call = chain[index];
      entries.push(call?.origin ?? -1);
      places.push(call);
    }
    entries.push(piece?.entry ?? -1);
    const names = this.names.known(entries) ?? (yield* this.names.of(entries, loaded.unit, loaded.sections));
    const named = lines && (loaded.places ??= new PlaceNames(loaded.sections, loaded.unit, lines));
    const resolved = named ? (named.known(places) ?? (yield* named.of(places))) : [];
    return { unit: offset, functionStart: piece?.low, frames: names.map((name, index) => ({ function: name, place: resolved[index] })) };
  }

  private *load(offset: number, sections = this.sections): Reading<LoadedUnit> {
    const known = this.units.get(offset);
    if (known) return known;
    const kept = this.records && keptUnit(this.records, offset);
    if (!kept) this.fresh.add(offset);
    const unit = yield* readUnit(sections, yield* this.index.header(offset, sections), this.abbrevs, kept?.abbrevs);
    const loaded: LoadedUnit = { unit, sections, kept, lines: undefined, places: undefined, functions: kept && FunctionIndex.ofSorted(kept.functions) };
    // What is derived from a unit takes about as much as its bytes.
    this.units.set(offset, loaded, 2 * unit.bytes.length);
    return loaded;
  }

  private *linesOf(loaded: LoadedUnit): Reading<LineProgram | undefined> {
    const { stmtList } = loaded.unit.root;
    if (loaded.lines || stmtList < 0) return loaded.lines;
    const section = required(loaded.sections, "line");
    const { endianness, layout } = loaded.sections;
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

  private *supplementaryName(entry: number): Reading<string | undefined> {
    const { supplementary } = this.sections;
    if (!supplementary) return undefined;
    this.supplementary ??= new DwarfFile(supplementary);
    return (yield* this.supplementary.names.of([entry], undefined, supplementary))[0];
  }

  private *unitHolding(entry: number): Reading<Unit | undefined> {
    const offset = yield* this.index.unitHolding(entry);
    return offset === undefined ? undefined : (yield* this.load(offset)).unit;
  }
}
