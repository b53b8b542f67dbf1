import { rememberedLongText, rememberedText } from "../base/remembered";
import { repairJson } from "../stacks/bpftraceJson";
import { parseStacks } from "../stacks/parseStacks";
import type { StackFrame } from "../stacks/stack";
import { commMark, recordMark, type RecordProbe } from "./recordProgram";

/** One record as a program printed it. What was not there reads as zero. */
export interface TraceRecord {
  /** Which probe of the program, from 0. */
  readonly probe: number;
  readonly shape: string;
  /** The number that it shares with others of its kind. */
  readonly key: string;
  readonly text: (name: string) => string;
  /** 0 for what is no safe integer. */
  readonly number: (name: string) => number;
  /** Of a `%llx`. */
  readonly address: (name: string) => bigint;
  readonly pid: number;
  readonly comm: string;
  readonly stack: readonly StackFrame[];
}

/** Events that were counted in the kernel: so many of one key and stack so far. */
export interface CountedEvents {
  readonly probe: number;
  readonly key: string;
  readonly stack: readonly StackFrame[];
  readonly count: number;
  /** Tells these from others of the same map. */
  readonly id: string;
}

/** A flood has few stacks, each of some kilobytes; parsing is most of the work of an event. */
const mostStacks = 2000;

const firstStack = (text: string): readonly StackFrame[] => parseStacks(text).stacks[0]?.frames ?? [];

/** What comes after a record's values: the same for all events of one place and one process. */
interface Tail {
  readonly comm: string;
  readonly stack: readonly StackFrame[];
}

interface Shape {
  readonly name: string;
  /** Name of a field → its place among the values. */
  readonly places: ReadonlyMap<string, number>;
}

/** How every version writes what a printf of ours prints, up to the values. */
const lineStart = `{"type": "printf", "data": "${recordMark} `;
const lineEnd = '"}';
const escapedNewLine = "\\n";

/** Reads what the program of these probes prints. Equal stacks are one object. */
export class RecordReader {
  private readonly shapes: ReadonlyMap<string, Shape>;
  private readonly stackOf: (text: string) => readonly StackFrame[];
  private readonly tailOf = rememberedLongText<Tail | "cut">(mostStacks, (text) => this.readTail(text));
  private readonly tailOfJson = rememberedLongText<Tail | "cut">(mostStacks, (text) => {
    const data = jsonText(text);
    return data === undefined ? "cut" : this.tailOf(data);
  });

  /** @param named puts right what the tool names wrongly */
  constructor(probes: readonly RecordProbe[], named: (stack: readonly StackFrame[]) => readonly StackFrame[] = (stack) => stack) {
    this.shapes = new Map(probes.flatMap(({ shapes }) => shapes.map(({ name, fields }) => [name, { name, places: new Map(fields.map(([field], index) => [field, index + 2])) }] as const)));
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
    if (!line.startsWith(escapedNewLine, end)) return undefined;
    return this.recordOf(line.slice(lineStart.length, end), this.tailOfJson(line.slice(end + escapedNewLine.length, -lineEnd.length)));
  }

  /** @returns undefined when the text is not a whole record */
  record(text: string): TraceRecord | undefined {
    const end = text.indexOf("\n");
    if (end < 0 || !text.startsWith(`${recordMark} `)) return undefined;
    return this.recordOf(text.slice(recordMark.length + 1, end), this.tailOf(text.slice(end + 1)));
  }

  private recordOf(head: string, tail: Tail | "cut"): TraceRecord | undefined {
    const values = valuesOf(head);
    const key = String(values[1]);
    const shape = this.shapes.get(String(values[0]));
    if (shape?.places.size !== values.length - 3 || tail === "cut") return undefined;
    const value = (name: string): string | number => values[shape.places.get(name) ?? NaN] ?? "";
    return {
      shape: shape.name, probe: probeOf(key), key,
      text: (name) => String(value(name)),
      number: (name) => safe(value(name)),
      address: (name) => hexValue(value(name)),
      pid: safe(values.at(-1) ?? ""),
      comm: tail.comm,
      stack: tail.stack,
    };
  }

  private readTail(text: string): Tail | "cut" {
    const at = text.startsWith(commMark) ? 0 : text.indexOf(`\n${commMark}`) + 1;
    if (at === 0 && !text.startsWith(commMark)) return "cut";
    return { comm: text.slice(at + commMark.length).replace(/\n$/, ""), stack: this.stackOf(text.slice(0, at)) };
  }

  /** One entry of the map of what was only counted: its key is the record's key, then the stack. */
  counted(id: string, count: number): CountedEvents | undefined {
    const match = /^\s*(-?\d+)\s*,([^]*)$/.exec(id);
    if (!match) return undefined;
    // Maps print their numbers with a sign, records without.
    const key = BigInt.asUintN(64, BigInt(match[1] ?? "0")).toString();
    return { probe: probeOf(key), key, stack: this.stackOf(match[2] ?? ""), count, id };
  }
}

const probeOf = rememberedText(10_000, (key) => (/^\d+$/.test(key) ? Number(BigInt(key) & 0xffn) : 0));

function jsonText(inner: string): string | undefined {
  try {
    return JSON.parse(repairJson(`"${inner}"`)) as string;
  } catch {
    return undefined;
  }
}

/** Whole numbers are read where they stand: no text is made of most values, which is what reading a record would cost otherwise. */
function valuesOf(head: string): (string | number)[] {
  const values: (string | number)[] = [];
  for (let at = 0; at <= head.length; ) {
    const bar = head.indexOf("|", at);
    const end = bar < 0 ? head.length : bar;
    values.push(wholeNumber(head, at, end) ?? head.slice(at, end));
    at = end + 1;
  }
  return values;
}

/** Digits that no double loses. */
const exactDigits = 15;

/** undefined for what would not be written the same again. */
function wholeNumber(text: string, start: number, end: number): number | undefined {
  const isNegative = text.charCodeAt(start) === 45;
  const first = isNegative ? start + 1 : start;
  if (end - first < 1 || end - first > exactDigits || (end - first > 1 && text.charCodeAt(first) === 48)) return undefined;
  let value = 0;
  for (let at = first; at < end; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return isNegative ? -value : value;
}

function safe(value: string | number): number {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : 0;
}

const hexValue = (value: string | number): bigint => (value === 0 ? 0n : /^[0-9a-f]{1,16}$/.test(String(value)) ? BigInt(`0x${value}`) : 0n);
