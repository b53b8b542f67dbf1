import type { Reading } from "../elf/reading";
import type { Extent, InlinedCall, RangesRef } from "./attributes";
import { DW_TAG } from "./constants";
import type { EntryCursor } from "./entryCursor";
import type { Unit } from "./unit";

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
  private readonly missing: RangesRef[] = [];

  constructor(
    private readonly unit: Unit,
    private readonly pc: number,
  ) {
    this.cursor = unit.cursor;
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
        const extent = cursor.readExtent(child);
        if (this.covers(extent)) {
          this.chain.push(cursor.inlinedCall(child));
          // What follows outside of it is of no interest any more.
          depth = child.hasChildren ? 1 : 0;
        } else if (child.hasChildren && !cursor.skipChildren(extent.sibling)) {
          this.passChildren();
        }
      } else {
        const sibling = cursor.skip(child);
        if (child.hasChildren && (child.tag === DW_TAG.lexical_block || !cursor.skipChildren(sibling))) depth++;
      }
    }
    return this.missing.length > 0 ? this.missing : undefined;
  }

  private covers({ low, high, ranges }: Extent): boolean {
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
