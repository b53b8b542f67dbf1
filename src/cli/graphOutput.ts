import { graphPlaces } from "../collectors/traces/callgraph/graphPlaces";
import type { GraphEvent } from "../collectors/traces/callgraph/graphModel";
import { callName, durationText, functionTotals, type CallTotals, type FunctionTotals } from "../stacks/callgraph/callTotals";
import type { GraphCall } from "../stacks/callgraph/graphCall";
import type { SourcePlace } from "../stacks/stack";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";
import { paint, type Output } from "./output";

export const graphOrders = ["self", "total", "calls"] as const;
export type GraphOrder = (typeof graphOrders)[number];

type Places = ReadonlyMap<string, SourcePlace>;

const heading = "       total        self    calls";

/** The tree of one group, times summed up; a function that was called several times at one place is one line. */
export function graphLines(output: Output, { totals }: GraphEvent, stack: readonly ResolvedFrame[]): readonly string[] {
  const places = graphPlaces(stack);
  const lines = (node: CallTotals, depth: number): readonly string[] => [
    `${numbers(node)}  ${"  ".repeat(depth)}${nameText(output, node)}${placeText(output, places, node)}`,
    ...node.children.flatMap((child) => lines(child, depth + 1)),
  ];
  return [paint(output, "dim", heading), ...lines(totals, 0)];
}

/** The longest call in the order in which it went. */
export function slowestLines(output: Output, { slowest }: GraphEvent, stack: readonly ResolvedFrame[]): readonly string[] {
  const places = graphPlaces(stack);
  const lines = (call: GraphCall, depth: number): readonly string[] => [
    `${timeText(call.durationNs)}  ${"  ".repeat(depth)}${nameText(output, { ...call, returned: call.returned === undefined ? undefined : [call.returned] })}${placeText(output, places, call)}`,
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
  return ["", `Functions, by ${order === "calls" ? "calls" : `${order} time`}:`, paint(output, "dim", heading), ...all.slice(0, most).map((item) => `${numbers(item)}  ${callName(item)}`), ...(rest > 0 ? [`… and ${rest} more`] : [])];
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

const timeText = (ns: number | undefined): string => (ns === undefined ? "not seen" : durationText(ns)).padStart(12);

const numbers = ({ totalNs, selfNs, calls }: FunctionTotals): string => `${timeText(totalNs)}${timeText(selfNs)}${String(calls).padStart(9)}`;

function nameText(output: Output, call: { readonly symbol: string; readonly module?: string; readonly isInterrupt?: true; readonly returned?: readonly string[] | undefined }): string {
  const { isInterrupt, returned } = call;
  return `${isInterrupt ? paint(output, "dim", "interrupt") : callName(call)}${returned ? ` = ${returned.join(", ")}` : ""}`;
}

function placeText(output: Output, places: Places, call: { readonly symbol: string; readonly module?: string }): string {
  const place = places.get(callName(call));
  return place ? `  ${paint(output, "blue", `${place.file}:${place.line}`)}` : "";
}
