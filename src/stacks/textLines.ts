/**
 * Takes from the lines of a text what carriers put around a kernel's words: mail quotes, log prefixes of every `dmesg` mode, journal and syslog,
 * /dev/kmsg, JSON, colours. What is left is the line as the kernel or the tool wrote it.
 */
import { multilineStrings, parseBpftraceJson } from "./bpftraceJson";

export interface TextLine {
  /** From 1, in the text as given. */
  readonly number: number;
  readonly text: string;
}

const colours = /\x1b\[[0-9;]*m/g;

/** Applied in this order, each at most once: the order in which the carriers wrap one another. */
const prefixes: readonly RegExp[] = [
  /^(?:> ?)+/,
  /^ \* /,
  /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)? \S+ kernel: ?/,
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)? (?:\S+ kernel: ?)?/,
  /^[a-z0-9]+ *:[a-z]+ *: (?=\[)/,
  /^<\d{1,3}>/,
  /^\d{1,3},\d+,\d+,[^;]*;/,
  /^\[ *\d+\.\d+\](?: ?\[ *[TC]\d+\])?(?: |$)/,
  /^\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\](?: ?\[ *[TC]\d+\])?(?: |$)/,
];

export function textLines(text: string): readonly TextLine[] {
  return text.split("\n").flatMap((raw, index) => unwrap(raw.replace(/\r$/, "").replace(colours, ""), index + 1));
}

function unwrap(line: string, number: number): readonly TextLine[] {
  const json = parseBpftraceJson(line);
  if (json !== undefined) return linesOfStrings(multilineStrings(json), number);
  const message = /^\s*"msg":\s*(".*?")\s*,?\s*$/.exec(line)?.[1];
  if (message !== undefined) return [{ number, text: parseString(message) ?? line }];
  if (/^\s*(?:[{}[\]]+|\},\{|"(?:pri|time|dmesg|caller)":.*),?\s*$/.test(line)) return [];
  return [{ number, text: peel(line) }];
}

const peel = (line: string): string => prefixes.reduce((text, prefix) => text.replace(prefix, ""), line);

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
