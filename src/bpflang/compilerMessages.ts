/**
 * What bpftrace says of a program that it refuses (src/log.cpp; the forms are the same from 0.9 to 0.26):
 *
 *     stdin:4:6-16: ERROR: Unknown identifier: 'foo'     columns from 1, the second exclusive
 *     stdin:4-6: ERROR: …                                several lines
 *     HINT: …                                            belongs to the one before (0.22 and later)
 *     ERROR: …                                           without a place
 *
 * Columns count bytes, a tab is one; the quoted source line below a message shows tabs as spaces, so it is of no use.
 */
import { isNoise } from "../bpftrace/bpftraceFailure";
import type { Finding } from "./finding";

interface Message {
  readonly first: number;
  readonly last: number;
  readonly columns?: readonly [start: number, end: number];
  readonly severity: Finding["severity"];
  text: string;
}

const placed = /^[^\s:][^:]*:(\d+)(?::(\d+)-(\d+)|-(\d+))?: (ERROR|WARNING): (.*)$/;
const clang = /^[^\s:][^:]*:(\d+):(\d+): (?:fatal )?(error|warning): (.*)$/;
const unplaced = /^(?:ERROR|FATAL|BUG)(?:: |\b)(.*)$/;

/** @param output of standard error @param text the program it was about */
export function compilerFindings(output: string, text: string): readonly Finding[] {
  const lines = text.split("\n");
  const starts = lineStarts(lines);
  return messagesIn(output).map((message) => {
    const span = spanOf(atInclude(message, lines), lines, starts);
    return { ...span, code: "bpftrace", severity: message.severity, message: message.text, fixes: [] };
  });
}

function messagesIn(output: string): readonly Message[] {
  const messages: Message[] = [];
  for (const line of output.split("\n")) {
    const hint = /^HINT: (.*)$/.exec(line)?.[1];
    const last = messages.at(-1);
    if (hint !== undefined && last) last.text += `\n${hint}`;
    else if (hint === undefined && !isNoise(line)) messages.push(...messageOf(line));
  }
  return messages;
}

function messageOf(line: string): Message[] {
  const place = placed.exec(line);
  if (place) {
    const [, first, start, end, last, kind, text = ""] = place;
    return [{
      first: Number(first), last: Number(last ?? first), severity: kind === "ERROR" ? "error" : "warning", text,
      ...(start === undefined ? {} : { columns: [Number(start), Number(end)] as const }),
    }];
  }
  const header = clang.exec(line);
  // clang reads a header that begins with one line more than the program has.
  if (header) return [{ first: Math.max(1, Number(header[1]) - 1), last: Math.max(1, Number(header[1]) - 1), severity: header[3] === "warning" ? "warning" : "error", text: header[4] ?? "" }];
  const text = unplaced.exec(line)?.[1];
  return text === undefined ? [] : [{ first: 1, last: 1, severity: "error", text }];
}

/** A header that is missing is said with a place in a file that bpftrace makes: the line that asks for it is what the user knows. */
function atInclude(message: Message, lines: readonly string[]): Message {
  const header = /^'([^']+)' file not found/.exec(message.text)?.[1];
  const line = header === undefined ? -1 : lines.findIndex((text) => /^\s*#\s*include\b/.test(text) && text.includes(header));
  return line < 0 ? message : { ...message, first: line + 1, last: line + 1 };
}

function lineStarts(lines: readonly string[]): readonly number[] {
  const starts: number[] = [];
  let at = 0;
  for (const line of lines) {
    starts.push(at);
    at += line.length + 1;
  }
  return starts;
}

function spanOf({ first, last, columns }: Message, lines: readonly string[], starts: readonly number[]): { start: number; end: number } {
  const line = Math.min(first, lines.length) - 1;
  const content = lines[line] ?? "";
  const start = starts[line] ?? 0;
  if (!columns) {
    const lastLine = Math.min(Math.max(first, last), lines.length) - 1;
    return { start: start + (/^\s*/.exec(content)?.[0].length ?? 0), end: (starts[lastLine] ?? 0) + (lines[lastLine] ?? "").length };
  }
  const [from, to] = columns.map((column) => unitsOf(content, column - 1));
  return { start: start + (from ?? 0), end: start + Math.max(to ?? 0, from ?? 0) };
}

/** How many UTF-16 units the first `bytes` bytes of a line are. */
function unitsOf(line: string, bytes: number): number {
  let [units, seen] = [0, 0];
  for (const character of line) {
    if (seen >= bytes) break;
    seen += Buffer.byteLength(character);
    units += character.length;
  }
  return units;
}
