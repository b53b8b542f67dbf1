import type { SourcePlace } from "../../stacks/stack";

/** A `file:line` that a report names itself: it needs no debug information. Line and columns from 0. */
export interface ReportPlace {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly place: SourcePlace;
}

/** WARNING up to 6.18 and since, BUG of x86 and of others, KASAN once decoded, and lines of decode_stacktrace.sh and syzkaller. */
const pattern =
  /(?:WARNING: [^\n]*?|kernel BUG at |BUG: failure at |BUG: K\w+SAN: [^\n]* |\+0x[0-9a-f]+\/0x[0-9a-f]+ (?:\[[\w-]+\] )?|^[^\n]* \((?=[\w./-]+:\d+[ )])|^[^\n]* (?=\S+ \[inline\]))([\w./-]+\.[chS]):([1-9]\d{0,7})(?!\d)/gm;

export function reportPlaces(text: string): readonly ReportPlace[] {
  const found: ReportPlace[] = [];
  let [line, lineStart, at] = [0, 0, 0];
  for (const match of text.matchAll(pattern)) {
    const [whole, file = "", number = ""] = match;
    const end = match.index + whole.length;
    const start = end - file.length - 1 - number.length;
    for (let next = text.indexOf("\n", at); next >= 0 && next < start; next = text.indexOf("\n", at)) [line, lineStart, at] = [line + 1, next + 1, next + 1];
    found.push({ line, start: start - lineStart, end: end - lineStart, place: { file, line: Number(number) } });
  }
  return found;
}
