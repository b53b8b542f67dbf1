/**
 * Lines that mail programs, pagers and terminals broke where a frame goes on: quoted-printable soft breaks, `([kernel.kallsyms])` or `file:line`
 * on a line of their own, gdb's arguments. A joined line keeps the number of its first part.
 */
import type { TextLine } from "./textLines";

interface Break {
  readonly before: RegExp;
  readonly after: RegExp;
  readonly join: (before: string, after: string) => string;
}

const spaced = (before: string, after: string): string => `${before.trimEnd()} ${after.trim()}`;
const soft = (before: string, after: string): string => before.slice(0, -1) + after;

const breaks: readonly Break[] = [
  { before: /\+0x[0-9a-f]*(?:\/(?:0x)?[0-9a-f]*)?(?: \[[\w-]*)?=$/, after: /^[\w/\] ]/, join: soft },
  { before: /[\w.]=$/, after: /^[\w.]*\+0x[0-9a-f]+\/0x/, join: soft },
  { before: /^\s+[0-9a-f]{8,16} [\w.$]+\+0x[0-9a-f]+$/, after: /^\s*\((?:\[[\w.-]+\]|\/\S+)\)\s*$/, join: spaced },
  { before: /^\s*(?:RIP: 0010:)?[A-Za-z_][\w.$]*\+0x[0-9a-f]+\/0x[0-9a-f]+$/, after: /^\s*[\w./-]+\/[\w.-]+\.[chS]:\d+\s*$/, join: spaced },
];

/** A gdb frame that is not at its end: its arguments or its place are still to come. */
const openFrame = /^\s*#\d+\s+(?:0x[0-9a-f]+ in )?[A-Za-z_][\w.$]* \((?!.*\)(?: at \S+:\d+| from \S+)?\s*$)/;
const placeOnly = /^\s+(?:at|from) \S+\s*$/;
const longestFrame = 12;

export function joinWrapped(lines: readonly TextLine[]): readonly TextLine[] {
  const joined: TextLine[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    if (!line) continue;
    const [text, used] = line.text.startsWith("#") && isBroken(line.text, lines[at + 1]?.text ?? "") ? joinFrame(lines, at) : joinNext(line.text, lines[at + 1]?.text);
    joined.push(used === 0 ? line : { number: line.number, text });
    at += used;
  }
  return joined;
}

const isBroken = (text: string, next: string): boolean => openFrame.test(text) || (placeOnly.test(next) && /^#\d+\s.*\)\s*$/.test(text));

/** Most lines end in nothing that could go on. */
function joinNext(text: string, next: string | undefined): readonly [string, number] {
  if (next === undefined || !/(?:=|[0-9a-f])$/.test(text)) return [text, 0];
  const found = breaks.find(({ before, after }) => before.test(text) && after.test(next));
  return found ? [found.join(text, next), 1] : [text, 0];
}

function joinFrame(lines: readonly TextLine[], at: number): readonly [string, number] {
  let text = lines[at]?.text ?? "";
  for (let used = 1; used <= longestFrame; used++) {
    const next = lines[at + used]?.text;
    if (next === undefined || !/^\s+\S/.test(next) || /^\s*#\d/.test(next)) break;
    text = spaced(text, next);
    if (!openFrame.test(text) && !placeOnly.test(lines[at + used + 1]?.text ?? "")) return [text, used];
  }
  return [lines[at]?.text ?? "", 0];
}
