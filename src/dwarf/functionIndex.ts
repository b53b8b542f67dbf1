import type { Reading } from "../elf/reading";
import { upperBound } from "../elf/symbolTable";
import { DW_TAG, flatLanguages } from "./constants";
import { EntryCursor, type RangesRef } from "./entryCursor";
import { readRangeLists } from "./ranges";
import type { DwarfSections } from "./sections";
import type { Unit } from "./unit";

/** The functions of a unit that have code, by pc. A function in several pieces (`.cold`) is here once for each. */
export class FunctionIndex {
  private readonly low: Float64Array;
  private readonly high: Float64Array;
  private readonly entry: Float64Array;

  constructor(pieces: readonly FunctionPiece[]) {
    const sorted = pieces.filter(({ low, high }) => high > low).sort((a, b) => a.low - b.low || b.high - a.high);
    this.low = Float64Array.from(sorted, ({ low }) => low);
    this.high = Float64Array.from(sorted, ({ high }) => high);
    this.entry = Float64Array.from(sorted, ({ entry }) => entry);
  }

  get length(): number {
    return this.low.length;
  }

  /** The function whose code covers a pc. */
  at(pc: number): FunctionPiece | undefined {
    const piece = this.piece(upperBound(this.low, pc) - 1);
    return piece && pc < piece.high ? piece : undefined;
  }

  pieces(): FunctionPiece[] {
    return Array.from(this.low.keys()).flatMap((index) => this.piece(index) ?? []);
  }

  private piece(index: number): FunctionPiece | undefined {
    const [low, high, entry] = [this.low[index], this.high[index], this.entry[index]];
    return low === undefined || high === undefined || entry === undefined ? undefined : { low, high, entry };
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

export function* indexFunctions(sections: DwarfSections, unit: Unit): Reading<FunctionIndex> {
  const { pieces, ranged } = collectFunctions(unit);
  const lists = yield* readRangeLists(sections, unit, ranged.map(({ ranges }) => ranges));
  for (const [index, { entry }] of ranged.entries()) {
    const list = lists[index] ?? [];
    for (let at = 0; at + 1 < list.length; at += 2) pieces.push({ low: list[at] ?? NaN, high: list[at + 1] ?? NaN, entry });
  }
  return new FunctionIndex(pieces);
}

/** In C all functions are children of the unit; in C++ and Rust they also stand inside of namespaces and types. */
const flatContainers: ReadonlySet<number> = new Set([DW_TAG.namespace, DW_TAG.module]);
const nestedContainers: ReadonlySet<number> = new Set([...flatContainers, DW_TAG.structure_type, DW_TAG.class_type, DW_TAG.union_type]);

function collectFunctions(unit: Unit): { pieces: FunctionPiece[]; ranged: RangedFunction[] } {
  const pieces: FunctionPiece[] = [];
  const ranged: RangedFunction[] = [];
  if (unit.children === undefined) return { pieces, ranged };
  const containers = flatLanguages.has(unit.root.language) ? flatContainers : nestedContainers;
  const cursor = new EntryCursor(unit);
  cursor.seek(unit.children);
  for (let depth = 1; depth > 0 && !cursor.done; ) {
    const entry = cursor.offset;
    const abbrev = cursor.enter();
    if (!abbrev) {
      depth--;
      continue;
    }
    let sibling: number;
    if (abbrev.tag === DW_TAG.subprogram) {
      const attributes = cursor.read(abbrev);
      sibling = attributes.sibling;
      if (attributes.ranges) ranged.push({ ranges: attributes.ranges, entry });
      else if (attributes.high > attributes.low) pieces.push({ low: attributes.low, high: attributes.high, entry });
    } else {
      sibling = cursor.skip(abbrev);
    }
    // Without a sibling attribute the children are walked as if they were siblings; nothing in them is mistaken for a function.
    if (abbrev.hasChildren && (containers.has(abbrev.tag) || !cursor.skipChildren(sibling))) depth++;
  }
  return { pieces, ranged };
}
