/**
 * The text of attach points: `kprobe:tcp_*`, `uprobe:/usr/bin/bash:"read line"+4`, `tracepoint:tcp:tcp_probe`. It ends at a comma, at space, at the
 * block, or at the slash of a predicate. A slash is part of a path where the provider takes one, and begins the predicate elsewhere.
 */
import type { AttachPoint, Name } from "./syntax";

/** Providers whose second part names a file. */
const withPath = /^(?:uprobe|uretprobe|usdt|u|ur|U|iter|it)$/;

/** Where the text that begins at `start` ends. */
export function attachPointEnd(text: string, start: number): number {
  let takesPath = false;
  let partStart = start;
  let at = start;
  for (; at < text.length; at++) {
    const character = text[at] ?? "";
    if (character === '"') at = stringEnd(text, at);
    else if (character === ":") {
      takesPath = partStart === start ? withPath.test(text.slice(start, at)) : takesPath && text[at + 1] === "/";
      partStart = at + 1;
    } else if (character === "/") {
      if (!takesPath || partStart === start) break;
    } else if (/[\s,{};]/.test(character)) {
      const bracket = character === "{" ? wildcardEnd(text, at) : undefined;
      if (bracket === undefined) break;
      at = bracket;
    }
  }
  return Math.min(at, text.length);
}

/** Of `{a,b}` in a path or function; a block begins with space or a statement. */
function wildcardEnd(text: string, at: number): number | undefined {
  if (/[\s)]/.test(text[at - 1] ?? " ")) return undefined;
  const closed = /^\{[\w.*-]+(?:,[\w.*-]+)+\}/.exec(text.slice(at, at + 200));
  return closed ? at + closed[0].length - 1 : undefined;
}

function stringEnd(text: string, at: number): number {
  const closed = /^"(?:[^"\\\n]|\\[^\n])*"?/.exec(text.slice(at, at + 4096));
  return at + (closed?.[0].length ?? 1) - 1;
}

export function attachPoint(text: string, start: number, end: number): AttachPoint {
  const parts: Name[] = [];
  let from = start;
  for (let at = start; at <= end; at++) {
    if (at < end && text[at] === '"') at = Math.min(stringEnd(text, at), end - 1);
    else if (at === end || text[at] === ":") {
      parts.push({ start: from, end: at, text: text.slice(from, at) });
      from = at + 1;
    }
  }
  return { start, end, text: text.slice(start, end), parts };
}
