import { rememberedText } from "../base/remembered";
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

/** Reads what the program of these probes prints. Equal stacks are one object. */
export class RecordReader {
  private readonly fields: ReadonlyMap<string, readonly string[]>;
  private readonly stackOf = rememberedText(mostStacks, firstStack);

  constructor(probes: readonly RecordProbe[]) {
    this.fields = new Map(probes.flatMap(({ shapes }) => shapes.map(({ name, fields }) => [name, fields.map(([field]) => field)] as const)));
  }

  /** @returns undefined when the text is not a whole record */
  record(text: string): TraceRecord | undefined {
    const [head = "", ...rest] = text.split("\n");
    const [mark = "", ...words] = head.split("|");
    const shape = mark.startsWith(`${recordMark} `) ? mark.slice(recordMark.length + 1) : "";
    const names = this.fields.get(shape);
    if (names?.length !== words.length - 2) return undefined;
    const end = rest.findIndex((line) => line.startsWith(commMark));
    if (end < 0) return undefined;
    const values = new Map(names.map((name, index) => [name, words[index + 1] ?? ""]));
    const value = (name: string): string => values.get(name) ?? "";
    return {
      shape, probe: probeOf(words[0] ?? ""), key: words[0] ?? "",
      text: value, number: (name) => safe(value(name)), address: (name) => hexValue(value(name)),
      pid: safe(words.at(-1) ?? ""),
      comm: rest.slice(end).join("\n").slice(commMark.length).replace(/\n$/, ""),
      stack: this.stackOf(rest.slice(0, end).join("\n")),
    };
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

const probeOf = (key: string): number => (/^\d+$/.test(key) ? Number(BigInt(key) & 0xffn) : 0);


const safe = (text: string): number => (Number.isSafeInteger(Number(text)) ? Number(text) : 0);

const hexValue = (text: string): bigint => (/^[0-9a-f]{1,16}$/.test(text) ? BigInt(`0x${text}`) : 0n);
