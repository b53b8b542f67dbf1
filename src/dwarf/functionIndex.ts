import type { Reading } from "../elf/reading";
import { DW_TAG, flatLanguages } from "./constants";
import { Attributes, EntryCursor, type RangesRef } from "./entryCursor";
import { PcColumns } from "./pcColumns";
import type { Unit } from "./unit";

/** The functions of a unit that have code, by pc. A function in several pieces (`.cold`) is here once for each. */
export class FunctionIndex {
  /** @param columns in order */
  constructor(readonly columns: PcColumns) {}

  get length(): number {
    return this.columns.length;
  }

  /** The function whose code covers a pc. */
  at(pc: number): FunctionPiece | undefined {
    const index = this.columns.indexAt(pc);
    return index < 0 ? undefined : this.piece(index);
  }

  pieces(): FunctionPiece[] {
    return Array.from({ length: this.length }, (_, index) => this.piece(index));
  }

  private piece(index: number): FunctionPiece {
    const { low, high, value } = this.columns.at(index);
    return { low, high, entry: value };
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

export function* indexFunctions(unit: Unit): Reading<FunctionIndex> {
  const pieces = new PcColumns();
  const ranged = collectFunctions(unit, pieces);
  const lists = yield* unit.rangeLists.read(ranged.map(({ ranges }) => ranges));
  for (const [index, { entry }] of ranged.entries()) {
    const list = lists[index] ?? [];
    for (let at = 0; at + 1 < list.length; at += 2) pieces.add(list[at] ?? NaN, list[at + 1] ?? NaN, entry);
  }
  return new FunctionIndex(pieces.sorted());
}

/** In C all functions are children of the unit; in C++ and Rust they also stand inside of namespaces and types. */
const flatContainers: ReadonlySet<number> = new Set([DW_TAG.namespace, DW_TAG.module]);
const nestedContainers: ReadonlySet<number> = new Set([...flatContainers, DW_TAG.structure_type, DW_TAG.class_type, DW_TAG.union_type]);

/** Adds functions in one piece; those in several are returned, as their ranges are elsewhere. */
function collectFunctions(unit: Unit, pieces: PcColumns): RangedFunction[] {
  const ranged: RangedFunction[] = [];
  if (unit.children === undefined) return ranged;
  const containers = flatLanguages.has(unit.root.language) ? flatContainers : nestedContainers;
  const cursor = new EntryCursor(unit).seek(unit.children);
  const scratch = new Attributes();
  for (let depth = 1; depth > 0 && !cursor.done; ) {
    const entry = cursor.offset;
    const abbrev = cursor.enter();
    if (!abbrev) {
      depth--;
      continue;
    }
    let sibling: number;
    if (abbrev.tag === DW_TAG.subprogram) {
      const { ranges, low, high, sibling: next } = cursor.readCall(abbrev, scratch);
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
