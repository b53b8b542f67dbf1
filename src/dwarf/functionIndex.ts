import type { Reading } from "../elf/reading";
import type { RangesRef } from "./attributes";
import { DW_TAG, flatLanguages } from "./constants";
import { PcColumns } from "./pcColumns";
import type { Unit } from "./unit";

/** A search through all functions, for fewer questions than this, takes less than sorting them. */
const searchesBeforeSort = 24;

/**
 * The functions of a unit that have code, by pc. A function in several pieces (`.cold`) is here once for each; where these are stands
 * elsewhere, so it is read when no function in one piece covers a pc.
 */
export class FunctionIndex {
  private searches = 0;

  constructor(
    private pieces: PcColumns,
    private ranged: readonly RangedFunction[],
    private isSorted = false,
  ) {}

  /** @param columns all pieces, in order */
  static ofSorted(columns: PcColumns): FunctionIndex {
    return new FunctionIndex(columns, [], true);
  }

  /** The function whose code covers a pc. */
  *at(pc: number, unit: Unit): Reading<FunctionPiece | undefined> {
    let index = this.indexAt(pc);
    if (index < 0 && this.ranged.length > 0) {
      yield* this.readRanged(unit);
      index = this.indexAt(pc);
    }
    if (index < 0) return undefined;
    const { low, high, value } = this.pieces.at(index);
    return { low, high, entry: value };
  }

  /** All pieces, in order. */
  *columns(unit: Unit): Reading<PcColumns> {
    yield* this.readRanged(unit);
    this.sort();
    return this.pieces;
  }

  private indexAt(pc: number): number {
    if (!this.isSorted && ++this.searches > searchesBeforeSort) this.sort();
    return this.isSorted ? this.pieces.indexAt(pc) : this.pieces.searchFor(pc);
  }

  private sort(): void {
    if (!this.isSorted) this.pieces = this.pieces.sorted();
    this.isSorted = true;
  }

  private *readRanged(unit: Unit): Reading<void> {
    const { ranged } = this;
    const lists = yield* unit.rangeLists.read(ranged.map(({ ranges }) => ranges));
    const all = this.isSorted && ranged.length > 0 ? this.pieces.copy() : this.pieces;
    for (let index = 0; index < ranged.length; index++) {
      const list = lists[index] ?? [];
      for (let at = 0; at + 1 < list.length; at += 2) all.add(list[at] ?? NaN, list[at + 1] ?? NaN, ranged[index]?.entry ?? 0);
    }
    this.ranged = [];
    this.isSorted &&= ranged.length === 0;
    this.pieces = all;
  }
}

export interface FunctionPiece {
  readonly low: number;
  readonly high: number;
  /** Offset in .debug_info of the DW_TAG_subprogram. */
  readonly entry: number;
}

interface RangedFunction {
  readonly ranges: RangesRef;
  readonly entry: number;
}

export function indexFunctions(unit: Unit): FunctionIndex {
  const pieces = new PcColumns();
  const ranged = collectFunctions(unit, pieces);
  return new FunctionIndex(pieces, ranged);
}

/** In C all functions are children of the unit; in C++ and Rust they also stand inside of namespaces and types. */
const flatContainers: ReadonlySet<number> = new Set([DW_TAG.namespace, DW_TAG.module]);
const nestedContainers: ReadonlySet<number> = new Set([...flatContainers, DW_TAG.structure_type, DW_TAG.class_type, DW_TAG.union_type]);

/** Adds functions in one piece; those in several are returned, as their ranges are elsewhere. */
function collectFunctions(unit: Unit, pieces: PcColumns): RangedFunction[] {
  const ranged: RangedFunction[] = [];
  if (unit.children === undefined) return ranged;
  const isFlat = flatLanguages.has(unit.root.language);
  const containers = isFlat ? flatContainers : nestedContainers;
  const cursor = unit.cursor.seek(unit.children);
  for (let depth = 1; depth > 0 && !cursor.done; ) {
    const entry = cursor.pass(!isFlat);
    if (entry >= unit.header.end) break;
    const abbrev = cursor.enter();
    if (!abbrev) {
      depth--;
      continue;
    }
    let sibling: number;
    if (abbrev.tag === DW_TAG.subprogram) {
      const { ranges, low, high, sibling: next } = cursor.readExtent(abbrev);
      sibling = next;
      if (ranges) ranged.push({ ranges, entry });
      else pieces.add(low, high, entry);
    } else {
      sibling = cursor.skip(abbrev);
    }
    // Without a sibling attribute the children are walked as if they were siblings; nothing in them is mistaken for a function.
    if (abbrev.hasChildren && (containers.has(abbrev.tag) || !cursor.skipChildren(sibling))) depth++;
  }
  return ranged;
}
