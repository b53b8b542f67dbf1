/**
 * Calls summed up: in each call the calls of one function count as one, so that a loop is one line, and several calls of the root are one tree. Times are in
 * nanoseconds and as the tracer measured them: with all that was called, sleep and interrupts included, and with what the tracer itself cost.
 */
import type { WeightedFrame, WeightedStack } from "../model/weightedStack";
import type { GraphCall } from "./graphCall";

export interface CallTotals {
  readonly symbol: string;
  readonly module?: string;
  readonly isInterrupt?: true;
  readonly calls: number;
  /** Calls whose end was not seen: their time is missing below. */
  readonly unfinished: number;
  readonly totalNs: number;
  /** Not in what it called, as far as that was traced. */
  readonly selfNs: number;
  readonly longestNs: number;
  /** What the calls returned, each once, when there are few. */
  readonly returned?: readonly string[];
  /** In the order in which they were first called. */
  readonly children: readonly CallTotals[];
}

const mostValues = 4;

export function totalsOf(call: GraphCall): CallTotals {
  const { symbol, module, isInterrupt, durationNs, returned } = call;
  const children = foldEqual(call.calls.map(totalsOf));
  const below = children.reduce((sum, { totalNs }) => sum + totalNs, 0);
  return {
    symbol, ...(module === undefined ? {} : { module }), ...(isInterrupt ? { isInterrupt } : {}), calls: 1, unfinished: durationNs === undefined ? 1 : 0,
    totalNs: durationNs ?? below, selfNs: Math.max(0, (durationNs ?? below) - below), longestNs: durationNs ?? below, ...(returned === undefined ? {} : { returned: [returned] }), children,
  };
}

/** Two trees of one function as one. */
export function mergeTotals(a: CallTotals, b: CallTotals): CallTotals {
  const returned = mergeValues(a.returned, b.returned);
  return {
    ...a, calls: a.calls + b.calls, unfinished: a.unfinished + b.unfinished, totalNs: a.totalNs + b.totalNs, selfNs: a.selfNs + b.selfNs, longestNs: Math.max(a.longestNs, b.longestNs),
    ...(returned ? { returned } : {}), children: foldEqual([...a.children, ...b.children]),
  };
}

const mergeValues = (a: readonly string[] | undefined, b: readonly string[] | undefined): readonly string[] | undefined =>
  a || b ? [...new Set([...(a ?? []), ...(b ?? [])])].slice(0, mostValues) : undefined;

export const callName = ({ symbol, module }: Pick<CallTotals, "symbol" | "module">): string => (module === undefined ? symbol : `${symbol} [${module}]`);

function foldEqual(list: readonly CallTotals[]): readonly CallTotals[] {
  const byName = new Map<string, CallTotals>();
  for (const item of list) {
    const key = callName(item);
    const known = byName.get(key);
    byName.set(key, known ? mergeTotals(known, item) : item);
  }
  return [...byName.values()];
}

/** One function wherever it was called. */
export interface FunctionTotals {
  readonly symbol: string;
  readonly module?: string;
  readonly calls: number;
  /** Of a function that calls itself the outer call counts. */
  readonly totalNs: number;
  readonly selfNs: number;
}

/** Most time of its own first. */
export function functionTotals(roots: readonly CallTotals[]): readonly FunctionTotals[] {
  const byName = new Map<string, FunctionTotals>();
  const visit = (node: CallTotals, above: readonly string[]): void => {
    const name = callName(node);
    const { symbol, module, calls, totalNs, selfNs } = node;
    const known = byName.get(name) ?? { symbol, ...(module === undefined ? {} : { module }), calls: 0, totalNs: 0, selfNs: 0 };
    byName.set(name, { ...known, calls: known.calls + calls, selfNs: known.selfNs + selfNs, totalNs: known.totalNs + (above.includes(name) ? 0 : totalNs) });
    for (const child of node.children) visit(child, [...above, name]);
  };
  for (const root of roots) visit(root, []);
  return [...byName.values()].sort((a, b) => b.selfNs - a.selfNs || b.calls - a.calls);
}

/** As stacks that count nanoseconds of their own time: a flame graph of them is as wide as the time that was spent. */
export function totalsAsStacks(root: CallTotals, frameOf: (node: CallTotals) => readonly WeightedFrame[]): readonly WeightedStack[] {
  const stacks: WeightedStack[] = [];
  const visit = (node: CallTotals, above: readonly WeightedFrame[]): void => {
    const frames = [...above, ...frameOf(node)];
    if (node.selfNs > 0) stacks.push({ frames, count: node.selfNs });
    for (const child of node.children) visit(child, frames);
  };
  visit(root, []);
  return stacks;
}

/** Every function of the tree, each once, in the order of the tree; interrupts have no name. */
export function functionsOf(root: CallTotals): readonly { readonly symbol: string; readonly module?: string }[] {
  const found = new Map<string, { readonly symbol: string; readonly module?: string }>();
  const visit = ({ symbol, module, isInterrupt, children }: CallTotals): void => {
    const name = callName({ symbol, ...(module === undefined ? {} : { module }) });
    if (!isInterrupt && !found.has(name)) found.set(name, { symbol, ...(module === undefined ? {} : { module }) });
    children.forEach(visit);
  };
  visit(root);
  return [...found.values()];
}

/** `850 ns`, `12.3 µs`, `4.05 ms`, `1.20 s`: three digits. */
export function durationText(ns: number): string {
  if (ns < 1e3) return `${Math.round(ns)} ns`;
  const [value, unit] = ns < 1e6 ? [ns / 1e3, "µs"] : ns < 1e9 ? [ns / 1e6, "ms"] : [ns / 1e9, "s"];
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`;
}
