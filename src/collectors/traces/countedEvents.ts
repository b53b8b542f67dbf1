import { keyOfMap, type RecordReader } from "../../bpftrace/recordReader";
import type { StackFrame } from "../../stacks/stack";

interface Counted {
  readonly key: string;
  count: number;
  handedOn: number;
}

interface CountedStack extends Counted {
  readonly stack: readonly StackFrame[];
  /** Counted since its key's flood was last shared out. */
  fresh: number;
}

type MapEntries = readonly (readonly [id: string, count: number])[];

/** Hands on so many events of a key and stack; false when nothing is known yet of that key but its number. */
export type HandOn = (key: string, stack: readonly StackFrame[], times: number) => boolean;

/**
 * Events that a record program only counted: by key and stack, and in a flood by key alone. The maps count from the beginning of the trace, and while it runs only their largest
 * entries are printed. What was counted by key alone goes to the stacks of that key, by how often each of them was walked meanwhile.
 */
export class CountedEvents {
  private readonly stacks = new Map<string, CountedStack>();
  private readonly stacksOf = new Map<string, CountedStack[]>();
  private readonly floods = new Map<string, Counted>();

  constructor(
    private readonly reader: RecordReader,
    private readonly handOn: HandOn,
  ) {}

  takeStacks(entries: MapEntries): void {
    for (const [id, count] of entries) {
      const counted = this.stacks.get(id) ?? this.addStack(id);
      if (!counted) continue;
      counted.fresh += count - counted.count;
      counted.count = count;
      this.handOnStack(counted);
    }
  }

  takeFlood(entries: MapEntries): void {
    for (const [text, count] of entries) {
      const key = keyOfMap(text);
      const flood = this.floods.get(key) ?? { key, count, handedOn: 0 };
      flood.count = count;
      this.floods.set(key, flood);
      this.shareOut(flood);
    }
  }

  /** Hands on what could not be before. @returns how many events were counted, and how many of them by key alone and not handed on at all */
  end(): { readonly counted: number; readonly byKey: number; readonly withheld: number } {
    for (const stack of this.stacks.values()) this.handOnStack(stack);
    for (const flood of this.floods.values()) this.shareOut(flood);
    const sum = (all: Iterable<Counted>, of: (counted: Counted) => number): number => [...all].reduce((total, counted) => total + of(counted), 0);
    const all = [...this.stacks.values(), ...this.floods.values()];
    return { counted: sum(all, ({ count }) => count), byKey: sum(this.floods.values(), ({ count }) => count), withheld: sum(all, ({ count, handedOn }) => count - handedOn) };
  }

  private addStack(id: string): CountedStack | undefined {
    const read = this.reader.counted(id);
    if (!read) return undefined;
    const counted = { ...read, count: 0, handedOn: 0, fresh: 0 };
    this.stacks.set(id, counted);
    this.stacksOf.set(read.key, [...(this.stacksOf.get(read.key) ?? []), counted]);
    return counted;
  }

  private handOnStack(counted: CountedStack): void {
    const times = counted.count - counted.handedOn;
    if (times > 0 && this.handOn(counted.key, counted.stack, times)) counted.handedOn = counted.count;
  }

  private shareOut(flood: Counted): void {
    const times = flood.count - flood.handedOn;
    const stacks = this.stacksOf.get(flood.key) ?? [];
    if (times <= 0 || stacks.length === 0) return;
    const hasFresh = stacks.some(({ fresh }) => fresh > 0);
    const parts = shares(times, stacks.map(({ fresh, count }) => (hasFresh ? fresh : count)));
    const handed = stacks.map(({ stack }, index) => parts[index] === 0 || this.handOn(flood.key, stack, parts[index] ?? 0));
    if (!handed.every(Boolean)) return;
    flood.handedOn = flood.count;
    for (const stack of stacks) stack.fresh = 0;
  }
}

/** A whole number in whole parts by weights, of which one at least is not zero. What rounding leaves goes to those it cut the most. */
export function shares(total: number, weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const exact = weights.map((weight) => (total * weight) / sum);
  const parts = exact.map(Math.floor);
  const left = total - parts.reduce((all, part) => all + part, 0);
  const cut = exact.map((value, index) => ({ index, by: value - Math.floor(value) })).sort((a, b) => b.by - a.by);
  for (const { index } of cut.slice(0, left)) parts[index] = (parts[index] ?? 0) + 1;
  return parts;
}
