import { rememberedText } from "../base/remembered";
import type { StackFrame } from "../stacks/stack";

/** What the events of one shape and key have in common. */
export interface RecordKind {
  readonly shape: string;
  /** Which probe of the program, from 0. */
  readonly probe: number;
  /** The number that it shares with others of its kind. */
  readonly key: string;
  /** Name of a field → its place among the values. */
  readonly places: ReadonlyMap<string, number>;
}

/** Where and in which process it happened. */
export interface RecordTail {
  readonly comm: string;
  readonly stack: readonly StackFrame[];
}

/** One record as a program printed it. What was not there reads as zero. */
export class TraceRecord {
  /** @param values whole numbers as such, all else as text; the last is the process */
  constructor(
    private readonly kind: RecordKind,
    private readonly values: readonly (string | number)[],
    private readonly tail: RecordTail,
  ) {}

  get shape(): string {
    return this.kind.shape;
  }

  get probe(): number {
    return this.kind.probe;
  }

  get key(): string {
    return this.kind.key;
  }

  get comm(): string {
    return this.tail.comm;
  }

  get stack(): readonly StackFrame[] {
    return this.tail.stack;
  }

  get pid(): number {
    return safe(this.values[this.values.length - 1] ?? "");
  }

  text(name: string): string {
    const value = this.value(name);
    return typeof value === "string" ? value : String(value);
  }

  /** 0 for what is no safe integer. */
  number(name: string): number {
    return safe(this.value(name));
  }

  /** Of a `%llx`. */
  address(name: string): bigint {
    return hexValue(this.value(name));
  }

  /** Of a `%llx`: what a shape without such a field says is no. */
  isSet(name: string): boolean {
    const value = this.value(name);
    return value !== "" && value !== 0 && value !== "0";
  }

  /** The same event by another way. */
  withStack(stack: readonly StackFrame[]): TraceRecord {
    return new TraceRecord(this.kind, this.values, { ...this.tail, stack });
  }

  private value(name: string): string | number {
    const place = this.kind.places.get(name);
    return place === undefined ? "" : (this.values[place] ?? "");
  }
}

/** Number of the probe in the lowest byte of a key. */
export const probeOf = rememberedText(10_000, (key) => (/^\d+$/.test(key) ? Number(BigInt(key) & 0xffn) : 0));

function safe(value: string | number): number {
  const number = typeof value === "number" ? value : Number(value);
  return Number.isSafeInteger(number) ? number : 0;
}

const hexValue = (value: string | number): bigint => (value === 0 ? 0n : /^[0-9a-f]{1,16}$/.test(String(value)) ? BigInt(`0x${value}`) : 0n);
