import { commonEnds } from "../../base/commonEnds";
import type { LineEdit } from "./stackIndex";

/**
 * What became of a text, as one edit of whole lines. Costs as much as comparing the two in memory, which for 10 MB is a few milliseconds.
 *
 * @param lineAt line of an offset in the text after the edit
 */
export function changedLines(before: string, after: string, linesBefore: number, linesAfter: number, lineAt: (offset: number) => number): LineEdit {
  const { start, end } = commonEnds(before, after);
  // One character more on both sides: a line end may have been joined or split there.
  const first = lineAt(Math.max(0, start - 1));
  const last = lineAt(Math.min(after.length, after.length - end + 1));
  const added = last - first + 1;
  return { first, removed: added - (linesAfter - linesBefore), added };
}
