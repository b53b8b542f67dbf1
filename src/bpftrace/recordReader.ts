import { rememberedLongText, rememberedText } from "../base/remembered";
import { repairJson } from "../stacks/bpftraceJson";
import { parseStacks } from "../stacks/parseStacks";
import type { StackFrame } from "../stacks/stack";
import { commMark, recordMark, type RecordProbe } from "./recordProgram";
import { probeOf, TraceRecord, type RecordKind, type RecordTail } from "./traceRecord";

/** Where events that were counted in the kernel happened. */
export interface CountedPlace {
  readonly key: string;
  readonly stack: readonly StackFrame[];
}

/** Of a program: shapes with their keys, which hold states and ports. */
const mostKinds = 10_000;

/** A flood has few stacks, each of some kilobytes; parsing is most of the work of an event. */
const mostStacks = 2000;

const firstStack = (text: string): readonly StackFrame[] => parseStacks(text).stacks[0]?.frames ?? [];

/** How every version writes what a printf of ours prints, up to the values. */
const lineStart = `{"type": "printf", "data": "${recordMark} `;
const lineEnd = '"}';
const escapedNewLine = "\\n";

/** Reads what the program of these probes prints. Equal stacks are one object. */
export class RecordReader {
  private readonly places: ReadonlyMap<string, ReadonlyMap<string, number>>;
  private readonly kindOf = rememberedText<RecordKind | "unknown">(mostKinds, (text) => this.readKind(text));
  private readonly stackOf: (text: string) => readonly StackFrame[];
  private readonly tailOf = rememberedLongText<RecordTail | "cut">(mostStacks, (text) => this.readTail(text));
  private readonly tailOfJson = rememberedLongText<RecordTail | "cut">(mostStacks, (text) => {
    const data = jsonText(text);
    return data === undefined ? "cut" : this.tailOf(data);
  });

  /** @param named puts right what the tool names wrongly */
  constructor(probes: readonly RecordProbe[], named: (stack: readonly StackFrame[]) => readonly StackFrame[] = (stack) => stack) {
    this.places = new Map(probes.flatMap(({ shapes }) => shapes.map(({ name, fields }) => [name, new Map(fields.map(([field], index) => [field, index]))] as const)));
    this.stackOf = rememberedText(mostStacks, (text) => named(firstStack(text)));
  }

  /**
   * A record straight from a line of JSON. Only its values are new with each event, and they are plain; the kilobytes that follow are decoded once for all
   * events that share them.
   *
   * @returns undefined when it is something else, or has to be read with more care
   */
  line(line: string): TraceRecord | undefined {
    if (!line.startsWith(lineStart) || !line.endsWith(lineEnd)) return undefined;
    const end = line.indexOf("\\", lineStart.length);
    if (!line.startsWith(escapedNewLine, end) || !isPlain(line, lineStart.length, end)) return undefined;
    return this.recordOf(line, lineStart.length, end, this.tailOfJson(line.slice(end + escapedNewLine.length, -lineEnd.length)));
  }

  /** @returns undefined when the text is not a whole record */
  record(text: string): TraceRecord | undefined {
    const end = text.indexOf("\n");
    if (end < 0 || !text.startsWith(`${recordMark} `)) return undefined;
    return this.recordOf(text, recordMark.length + 1, end, this.tailOf(text.slice(end + 1)));
  }

  /** The record whose kind and values stand between two places of a text. */
  private recordOf(text: string, start: number, end: number, tail: RecordTail | "cut"): TraceRecord | undefined {
    const behindKind = text.indexOf("|", text.indexOf("|", start) + 1);
    if (tail === "cut" || behindKind < 0 || behindKind > end) return undefined;
    const kind = this.kindOf(text.slice(start, behindKind));
    const values = valuesOf(text, behindKind + 1, end);
    return kind === "unknown" || kind.places.size !== values.length - 1 ? undefined : new TraceRecord(kind, values, tail);
  }

  private readKind(text: string): RecordKind | "unknown" {
    const [shape = "", key = ""] = text.split("|");
    const places = this.places.get(shape);
    return places ? { shape, key, probe: probeOf(key), places } : "unknown";
  }

  private readTail(text: string): RecordTail | "cut" {
    const at = text.startsWith(commMark) ? 0 : text.indexOf(`\n${commMark}`) + 1;
    if (at === 0 && !text.startsWith(commMark)) return "cut";
    return { comm: text.slice(at + commMark.length).replace(/\n$/, ""), stack: this.stackOf(text.slice(0, at)) };
  }

  /** One entry of the map of what was only counted: its key is the record's key, then the stack. */
  counted(id: string): CountedPlace | undefined {
    const match = /^\s*(-?\d+)\s*,([^]*)$/.exec(id);
    if (!match) return undefined;
    return { key: keyOfMap(match[1] ?? "0"), stack: this.stackOf(match[2] ?? "") };
  }
}

/** The key of a record as a map prints it: with a sign. */
export const keyOfMap = (text: string): string => BigInt.asUintN(64, BigInt(text)).toString();

function jsonText(inner: string): string | undefined {
  try {
    return JSON.parse(repairJson(`"${inner}"`)) as string;
  } catch {
    return undefined;
  }
}

const bar = 124;

/** Whole numbers are read where they stand: no text is made of most values, which is what reading a record would cost otherwise. */
function valuesOf(text: string, start: number, end: number): readonly (string | number)[] {
  const values: (string | number)[] = [];
  for (let at = start; at <= end; ) {
    let [behind, value] = [at, 0];
    for (; behind < end; behind++) {
      const digit = text.charCodeAt(behind) - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const isWhole = behind === end || text.charCodeAt(behind) === bar;
    if (isWhole && isWritten(text, at, behind)) values.push(value);
    else {
      behind = endOfValue(text, behind, end);
      values.push(text.slice(at, behind));
    }
    at = behind + 1;
  }
  return values;
}

function endOfValue(text: string, from: number, end: number): number {
  const at = text.indexOf("|", from);
  return at < 0 || at > end ? end : at;
}

/** Digits that no double loses. */
const exactDigits = 15;

/** Whether a number would be written with the same digits again. */
const isWritten = (text: string, start: number, end: number): boolean => end > start && end - start <= exactDigits && (end - start === 1 || text.charCodeAt(start) !== 48);

/** Neither control characters nor quotes, none of which JSON writes as they are. */
function isPlain(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code < 32 || code === 34) return false;
  }
  return true;
}
