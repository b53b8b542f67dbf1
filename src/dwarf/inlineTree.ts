import type { Reading } from "../elf/reading";
import { DW_TAG } from "./constants";
import { EntryCursor, type Attributes, type RangesRef } from "./entryCursor";
import { readRangeLists, type PcRanges } from "./ranges";
import type { DwarfSections } from "./sections";
import type { Unit } from "./unit";

/** A call that was inlined (DWARF 3.3.8): its code, and the place of the call in the function around it. */
export interface InlinedCall {
  /** Index of the inlined call around this one in the tree; -1 when the function itself is. */
  readonly parent: number;
  readonly ranges: PcRanges;
  /** Offset in .debug_info of the abstract instance that has the name. */
  readonly origin: number;
  /** Index in the unit's file table; -1 when not given. */
  readonly callFile: number;
  /** 0 or less when not given. */
  readonly callLine: number;
  readonly callColumn: number;
}

/** All inlined calls of one function, each after the one around it. */
export type InlineTree = readonly InlinedCall[];

export function* readInlineTree(sections: DwarfSections, unit: Unit, entry: number): Reading<InlineTree> {
  const calls = collectCalls(unit, entry);
  const lists = yield* readRangeLists(sections, unit, calls.flatMap(({ ref }) => (ref ? [ref] : [])));
  let next = 0;
  return calls.map(({ ref, ...call }) => (ref ? { ...call, ranges: lists[next++] ?? [] } : call));
}

/** The chain of inlined calls at a pc, outermost first. */
export function inlinedAt(tree: InlineTree, pc: number): InlinedCall[] {
  const chain: InlinedCall[] = [];
  let around = -1;
  for (const [index, call] of tree.entries()) {
    if (call.parent !== around || !contains(call.ranges, pc)) continue;
    chain.push(call);
    around = index;
  }
  return chain;
}

function contains(ranges: PcRanges, pc: number): boolean {
  for (let index = 0; index + 1 < ranges.length; index += 2) {
    if (pc >= (ranges[index] ?? NaN) && pc < (ranges[index + 1] ?? NaN)) return true;
  }
  return false;
}

interface PendingCall extends InlinedCall {
  readonly ref: RangesRef | undefined;
}

function collectCalls(unit: Unit, entry: number): PendingCall[] {
  const calls: PendingCall[] = [];
  const cursor = new EntryCursor(unit);
  cursor.seek(entry);
  const abbrev = cursor.enter();
  if (!abbrev) return calls;
  cursor.skip(abbrev);
  if (!abbrev.hasChildren) return calls;
  // around[d]: index of the inlined call whose children, direct or through blocks, are at depth d.
  const around: number[] = [-1];
  while (around.length > 0 && !cursor.done) {
    const child = cursor.enter();
    if (!child) {
      around.pop();
      continue;
    }
    const parent = around.at(-1) ?? -1;
    if (child.tag === DW_TAG.inlined_subroutine) {
      calls.push(pendingCall(cursor.read(child), parent));
      if (child.hasChildren) around.push(calls.length - 1);
      continue;
    }
    const sibling = cursor.skip(child);
    if (child.hasChildren && (child.tag === DW_TAG.lexical_block || !cursor.skipChildren(sibling))) around.push(parent);
  }
  return calls;
}

function pendingCall(attributes: Attributes, parent: number): PendingCall {
  const { low, high, ranges, origin, callFile, callLine, callColumn } = attributes;
  return { parent, ranges: high > low ? [low, high] : [], ref: ranges, origin, callFile, callLine, callColumn };
}
