import type { LineEdit } from "./stackIndex";

const block = 1 << 16;

/**
 * What became of a text, as one edit of whole lines. Costs as much as comparing the two in memory, which for 10 MB is a few milliseconds.
 *
 * @param lineAt line of an offset in the text after the edit
 */
export function changedLines(before: string, after: string, linesBefore: number, linesAfter: number, lineAt: (offset: number) => number): LineEdit {
  const shorter = Math.min(before.length, after.length);
  const start = commonStart(before, after, shorter);
  const end = commonEnd(before, after, shorter - start);
  // One character more on both sides: a line end may have been joined or split there.
  const first = lineAt(Math.max(0, start - 1));
  const last = lineAt(Math.min(after.length, after.length - end + 1));
  const added = last - first + 1;
  return { first, removed: added - (linesAfter - linesBefore), added };
}

function commonStart(a: string, b: string, limit: number): number {
  let at = 0;
  while (at + block <= limit && a.slice(at, at + block) === b.slice(at, at + block)) at += block;
  while (at < limit && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
}

function commonEnd(a: string, b: string, limit: number): number {
  let length = 0;
  const piece = (text: string): string => text.slice(text.length - length - block, text.length - length);
  while (length + block <= limit && piece(a) === piece(b)) length += block;
  while (length < limit && a.charCodeAt(a.length - length - 1) === b.charCodeAt(b.length - length - 1)) length++;
  return length;
}
