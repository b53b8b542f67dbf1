import type { SourcePlace } from "../../stacks/stack";

/** A `file:line` that a report names itself: it needs no debug information. Line and columns from 0. */
export interface ReportPlace {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly place: SourcePlace;
}

const places = /\.[chS]:([1-9]\d{0,7})(?!\d)/g;
/** What stands before a place: WARNING up to 6.18 and since, BUG of x86 and of others, KASAN once decoded, frames of decode_stacktrace.sh and of syzkaller. */
const before = /WARNING: .*|kernel BUG at |BUG: failure at |BUG: K\w+SAN: .*|\+0x[0-9a-f]+\/0x[0-9a-f]+ (?:\[[\w-]+\] )?|[\w.$] \(|\(inlined by\) /;
const ofReport = new RegExp(`(?:${before.source})$`);

export function reportPlaces(text: string): readonly ReportPlace[] {
  const found: ReportPlace[] = [];
  let [line, lineStart] = [0, 0];
  for (const { 0: tail, 1: number = "", index } of text.matchAll(places)) {
    for (let next = text.indexOf("\n", lineStart); next >= 0 && next < index; next = text.indexOf("\n", lineStart)) [line, lineStart] = [line + 1, next + 1];
    const name = /[\w./-]+$/.exec(text.slice(Math.max(lineStart, index - longestName), index))?.[0];
    if (name === undefined) continue;
    const [start, end] = [index - name.length, index + tail.length];
    if (!text.startsWith(" [inline]", end) && !ofReport.test(text.slice(lineStart, start))) continue;
    const place = { file: name + tail.slice(0, 2), line: Number(number) };
    found.push({ line, start: start - lineStart, end: end - lineStart, place });
  }
  return found;
}

const longestName = 256;
