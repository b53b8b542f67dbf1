/** `journalctl -r` prints the last line first, so the frames of a stack come in the wrong order. The times say so; where all are of one second, the kernel's own marks do. */
import type { TextLine } from "./textLines";

export interface TimedLine extends TextLine {
  /** As the carrier wrote it. */
  readonly time?: string;
}

export function isNewestFirst(lines: readonly TimedLine[]): boolean {
  let [rises, falls] = [0, 0];
  let before: string | undefined;
  for (const { time } of lines) {
    if (time === undefined) continue;
    const order = before === undefined ? 0 : compareTimes(before, time);
    if (order < 0) rises++;
    else if (order > 0) falls++;
    before = time;
  }
  if (rises + falls > 0) return falls > 2 * rises;
  return before !== undefined && marksAreReversed(lines);
}

/** Seconds since boot have no fixed width; other times are written so that their texts compare. */
const compareTimes = (a: string, b: string): number => (/^[\d.]+$/.test(a) ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0);

function marksAreReversed(lines: readonly TextLine[]): boolean {
  const first = lines.find(({ text }) => /^\s*<\/?(?:TASK|IRQ|NMI)>\s*$|^-+\[ (?:end trace|cut here)|^\s*Call [Tt]race:\s*$/.test(text))?.text;
  return first !== undefined && /<\/|end trace/.test(first);
}
