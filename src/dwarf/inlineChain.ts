import type { Reading } from "../elf/reading";
import { DW_TAG } from "./constants";
import { Attributes, EntryCursor, type CallAttributes, type RangesRef } from "./entryCursor";
import type { Unit } from "./unit";

/** A call that was inlined (DWARF 3.3.8): the place of the call in the function around it. */
export interface InlinedCall {
  /** Offset in .debug_info of the abstract instance that has the name. */
  readonly origin: number;
  /** Index in the unit's file table; -1 when not given. */
  readonly callFile: number;
  /** 0 or less when not given. */
  readonly callLine: number;
  readonly callColumn: number;
}

/**
 * The chain of inlined calls at a pc in the function of an entry, outermost first. Only the calls that
 * cover the pc are entered; the others are passed over by their siblings.
 */
export function* inlinedAt(unit: Unit, entry: number, pc: number): Reading<readonly InlinedCall[]> {
  for (;;) {
    const walk = new ChainWalk(unit, pc);
    const missing = walk.run(entry);
    if (!missing) return walk.chain;
    // The walk is short: it starts anew when ranges it met have been read.
    yield* unit.rangeLists.load(missing);
  }
}

class ChainWalk {
  readonly chain: InlinedCall[] = [];
  private readonly cursor: EntryCursor;
  private readonly scratch = new Attributes();
  private readonly missing: RangesRef[] = [];

  constructor(
    private readonly unit: Unit,
    private readonly pc: number,
  ) {
    this.cursor = new EntryCursor(unit);
  }

  /** References to lists that have to be read first; undefined when the chain is complete. */
  run(entry: number): readonly RangesRef[] | undefined {
    const { cursor } = this;
    const abbrev = cursor.seek(entry).enter();
    if (!abbrev) return undefined;
    cursor.skip(abbrev);
    let depth = abbrev.hasChildren ? 1 : 0;
    while (depth > 0 && !cursor.done) {
      if (cursor.pass(false) >= this.unit.header.end) break;
      const child = cursor.enter();
      if (!child) {
        depth--;
      } else if (child.tag === DW_TAG.inlined_subroutine) {
        const call = cursor.readCall(child, this.scratch);
        if (this.covers(call)) {
          this.chain.push({ origin: call.origin, callFile: call.callFile, callLine: call.callLine, callColumn: call.callColumn });
          // What follows outside of it is of no interest any more.
          depth = child.hasChildren ? 1 : 0;
        } else if (child.hasChildren && !cursor.skipChildren(call.sibling)) {
          this.passChildren();
        }
      } else {
        const sibling = cursor.skip(child);
        if (child.hasChildren && (child.tag === DW_TAG.lexical_block || !cursor.skipChildren(sibling))) depth++;
      }
    }
    return this.missing.length > 0 ? this.missing : undefined;
  }

  private covers({ low, high, ranges }: CallAttributes): boolean {
    if (!ranges) return this.pc >= low && this.pc < high;
    const covers = this.unit.rangeLists.covers(ranges, this.pc);
    if (covers === undefined) this.missing.push(ranges);
    return covers === true;
  }

  private passChildren(): void {
    const { cursor } = this;
    for (let depth = 1; depth > 0 && !cursor.done; ) {
      if (cursor.pass(false) >= this.unit.header.end) break;
      const abbrev = cursor.enter();
      if (!abbrev) depth--;
      else if (!cursor.skipChildren(cursor.skip(abbrev)) && abbrev.hasChildren) depth++;
    }
  }
}
