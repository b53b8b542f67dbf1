/**
 * Takes from the lines of a text what carriers put around a kernel's words: mail quotes, log prefixes of every `dmesg` mode, journal and syslog,
 * /dev/kmsg, netconsole, JSON, HTML, colours. Lines that a carrier broke are put together, and a log that was printed newest first is turned around.
 * What is left is the line as the kernel or the tool wrote it.
 */
import { multilineStrings, parseBpftraceJson } from "./bpftraceJson";
import { joinWrapped } from "./joinWrapped";
import { isNewestFirst, type TimedLine } from "./newestFirst";

export interface TextLine {
  /** From 1, in the text as given. */
  readonly number: number;
  readonly text: string;
}

const colours = /\x1b\[[0-9;]*[mK]/g;

/** Applied in this order, each at most once: the order in which the carriers wrap one another. The group `time` grows with time. */
const prefixes: readonly { readonly hint: RegExp; readonly pattern: RegExp }[] = [
  { hint: /^>/, pattern: /^(?:> ?)+/ },
  { hint: /^(?: \* |\/\/ )/, pattern: /^(?: \* |\/\/ )/ },
  { hint: /^[A-Z][a-z]{2} [ \d]/, pattern: /^[A-Z][a-z]{2} (?<time>[ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?) \S+ kernel: ?/ },
  { hint: /^\d{4}-/, pattern: /^(?<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?)(?:Z|[+-]\d\d:?\d\d)? (?:\S+ kernel: ?)?/ },
  { hint: /^MESSAGE=/, pattern: /^MESSAGE=/ },
  { hint: /^[a-z]/, pattern: /^[a-z0-9]+ *:[a-z]+ *: (?=\[)/ },
  { hint: /^</, pattern: /^<\d{1,3}>/ },
  { hint: /^\d+,/, pattern: /^\d{1,3},\d+,(?<time>\d+),[^;]*;/ },
  { hint: /^\[ *\d/, pattern: /^\[ *(?<time>\d+\.\d+)\](?: ?\[ *[TC]\d+\])?(?: |$)/ },
  { hint: /^\[[A-Z]/, pattern: /^\[[A-Z][a-z]{2} [A-Z][a-z]{2} (?<time>[ \d]\d \d\d:\d\d:\d\d) \d{4}\](?: ?\[ *[TC]\d+\])?(?: |$)/ },
];

/** @param order as `lineOrder` found it for the text that this one is a piece of; a piece alone may look otherwise */
export function textLines(text: string, order?: LineOrder): readonly TextLine[] {
  const lines = timedLines(text);
  const isReversed = order === undefined ? isNewestFirst(lines) : order === "newest-first";
  return joinWrapped(isReversed ? [...lines].reverse() : lines);
}

export type LineOrder = "oldest-first" | "newest-first";

export const lineOrder = (text: string): LineOrder => (isNewestFirst(timedLines(text)) ? "newest-first" : "oldest-first");

const timedLines = (text: string): readonly TimedLine[] => text.split("\n").flatMap((raw, index) => unwrap(clean(raw), index + 1));

function clean(raw: string): string {
  const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
  const plain = line.includes("\x1b") ? line.replace(colours, "") : line;
  return /&(?:lt|gt|amp|#43);/.test(plain) ? plain.replace(/&(lt|gt|amp|#43);/g, (whole, name: string) => entities[name] ?? whole) : plain;
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", "#43": "+" };

function unwrap(line: string, number: number): readonly TimedLine[] {
  if (!/[{}"[\]]/.test(line)) return [peel(line, number)];
  const json = parseBpftraceJson(line);
  if (json !== undefined) return linesOfStrings(multilineStrings(json), number);
  const message = /^\s*"msg":\s*(".*?")\s*,?\s*$/.exec(line)?.[1] ?? /^\{.*"MESSAGE"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(line)?.[1];
  if (message !== undefined) return [{ number, text: parseString(message) ?? line }];
  if (/^\s*(?:[{}[\]]+|\},\{|"(?:pri|time|dmesg|caller)":.*),?\s*$/.test(line)) return [];
  return [peel(line, number)];
}

function peel(line: string, number: number): TimedLine {
  let text = line;
  let time: string | undefined;
  for (const { hint, pattern } of prefixes) {
    const match = hint.test(text) ? pattern.exec(text) : null;
    if (!match) continue;
    text = text.slice(match[0].length);
    time = match.groups?.["time"] ?? time;
  }
  return time === undefined ? { number, text } : { number, text, time };
}

/** Every string ends with an empty line, so that one stack cannot run into the next. */
const linesOfStrings = (strings: readonly string[], number: number): readonly TextLine[] =>
  strings.flatMap((text) => [...text.split("\n"), ""].map((line) => ({ number, text: line })));

function parseString(json: string): string | undefined {
  try {
    return JSON.parse(json) as string;
  } catch {
    return undefined;
  }
}
