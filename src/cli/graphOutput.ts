import { graphPlaces } from "../collectors/traces/callgraph/graphPlaces";
import type { GraphEvent } from "../collectors/traces/callgraph/graphModel";
import { callText, graphTree, placeText, timeText, totalsHeading, totalsNumbers, type Emphasis } from "../collectors/traces/callgraph/graphTree";
import { callName, functionTotals, type CallTotals, type FunctionTotals } from "../stacks/callgraph/callTotals";
import type { GraphCall } from "../stacks/callgraph/graphCall";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";
import { paint, type Output } from "./output";

export const graphOrders = ["self", "total", "calls"] as const;
export type GraphOrder = (typeof graphOrders)[number];

const emphasisOf = (output: Output): Emphasis => (part, text) => paint(output, part === "dim" ? "dim" : "blue", text);

/** The tree of one group. */
export const graphLines = (output: Output, { totals }: GraphEvent, stack: readonly ResolvedFrame[]): readonly string[] => graphTree(totals, stack, emphasisOf(output));

/** The longest call in the order in which it went. */
export function slowestLines(output: Output, { slowest }: GraphEvent, stack: readonly ResolvedFrame[]): readonly string[] {
  const places = graphPlaces(stack);
  const emphasis = emphasisOf(output);
  const lines = (call: GraphCall, depth: number): readonly string[] => [
    `${timeText(call.durationNs)}  ${"  ".repeat(depth)}${callText({ ...call, returned: call.returned === undefined ? undefined : [call.returned] }, emphasis)}${placeText(places.get(callName(call)), emphasis)}`,
    ...call.calls.flatMap((inner) => lines(inner, depth + 1)),
  ];
  return ["The longest call, in order:", ...lines(slowest, 0)];
}

/** Every function wherever it was called. */
export function functionLines(output: Output, events: readonly GraphEvent[], order: GraphOrder, most = 20): readonly string[] {
  const value: Readonly<Record<GraphOrder, (item: FunctionTotals) => number>> = { self: ({ selfNs }) => selfNs, total: ({ totalNs }) => totalNs, calls: ({ calls }) => calls };
  const all = [...functionTotals(events.map(({ totals }) => totals))].sort((a, b) => value[order](b) - value[order](a));
  if (all.length === 0) return [];
  const rest = all.length - most;
  return ["", `Functions, by ${order === "calls" ? "calls" : `${order} time`}:`, paint(output, "dim", totalsHeading), ...all.slice(0, most).map((item) => `${totalsNumbers(item)}  ${callName(item)}`), ...(rest > 0 ? [`… and ${rest} more`] : [])];
}

/** The fields are a contract with scripts. */
export function treeJson(node: CallTotals, stack: readonly ResolvedFrame[]): object {
  const places = graphPlaces(stack);
  const object = (item: CallTotals): object => {
    const { symbol, module, isInterrupt = false, calls, unfinished, totalNs, selfNs, longestNs, returned, children } = item;
    const place = places.get(callName(item));
    return { function: symbol, module: module ?? null, interrupt: isInterrupt, file: place?.file ?? null, line: place?.line ?? null, calls, unfinished, totalNs, selfNs, longestNs, ...(returned ? { returned } : {}), children: children.map(object) };
  };
  return object(node);
}
