/** Counters of two looks side by side. */
import { counterMeanings, type CounterMeaning } from "../knowledge/counterMeanings";
import { counterDeltas, type Counters } from "./counters";
import type { NetworkNamespace, QueueLimits } from "./socketModel";

/** One look at the counters of all namespaces of a host. */
export interface CountersSnapshot {
  /** Milliseconds since the epoch, this machine's clock. */
  readonly takenAt: number;
  readonly namespaces: readonly { readonly netns: NetworkNamespace; readonly counters: Counters; readonly limits: QueueLimits }[];
  readonly notes: readonly string[];
}

export interface CounterRate {
  readonly netns: NetworkNamespace;
  readonly name: string;
  /** Since the namespace (or the kernel) began. */
  readonly value: number;
  /** Since the look before; undefined for a namespace that was not there then. */
  readonly delta?: number;
  /** A second. */
  readonly rate?: number;
  readonly meaning: CounterMeaning;
}

/** The counters that matter, in their order, namespace by namespace. Those the kernel does not have are absent. */
export function counterRates(next: CountersSnapshot, previous?: CountersSnapshot): CounterRate[] {
  const seconds = previous ? Math.max(0.001, (next.takenAt - previous.takenAt) / 1000) : 0;
  return next.namespaces.flatMap(({ netns, counters }) => {
    const before = previous?.namespaces.find((space) => space.netns.inode === netns.inode);
    const deltas = before && counterDeltas(before.counters, counters);
    return [...counterMeanings].flatMap(([name, meaning]) => {
      const value = counters[name];
      if (value === undefined) return [];
      // A counter that the look before did not have has no delta.
      const delta = before && before.counters[name] !== undefined ? (deltas?.[name] ?? 0) : undefined;
      return [{ netns, name, value, meaning, ...(delta !== undefined && { delta, rate: delta / seconds }) }];
    });
  });
}

/** `3.2/s`, `0.01/s`, `1200/s`: three digits are enough to compare. */
export const rateText = (rate: number): string => `${rate >= 100 ? Math.round(rate) : Number(rate.toPrecision(2))}/s`;
