import { callName, durationText, type CallTotals, type FunctionTotals } from "../../../stacks/callgraph/callTotals";
import type { SourcePlace } from "../../../stacks/stack";
import type { ResolvedFrame } from "../../../symbolize/resolvedFrame";
import { graphPlaces } from "./graphPlaces";

/** How parts of a line are set off, where that can be shown. */
export type Emphasis = (part: "dim" | "place", text: string) => string;

const none: Emphasis = (_part, text) => text;

export const totalsHeading = "       total        self    calls";

/** Times summed up as lines of text, two spaces a level; a function that was called several times at one place is one line. */
export function graphTree(totals: CallTotals, stack: readonly ResolvedFrame[], emphasis: Emphasis = none): readonly string[] {
  const places = graphPlaces(stack);
  const lines = (node: CallTotals, depth: number): readonly string[] => [
    `${totalsNumbers(node)}  ${"  ".repeat(depth)}${callText(node, emphasis)}${placeText(places.get(callName(node)), emphasis)}`,
    ...node.children.flatMap((child) => lines(child, depth + 1)),
  ];
  return [emphasis("dim", totalsHeading), ...lines(totals, 0)];
}

export const timeText = (ns: number | undefined): string => (ns === undefined ? "not seen" : durationText(ns)).padStart(12);

export const totalsNumbers = ({ totalNs, selfNs, calls }: FunctionTotals): string => `${timeText(totalNs)}${timeText(selfNs)}${String(calls).padStart(9)}`;

/** The function, and what it returned. */
export function callText(call: { readonly symbol: string; readonly module?: string; readonly isInterrupt?: true; readonly returned?: readonly string[] | undefined }, emphasis: Emphasis): string {
  const { isInterrupt, returned } = call;
  return `${isInterrupt ? emphasis("dim", "interrupt") : callName(call)}${returned ? ` = ${returned.join(", ")}` : ""}`;
}

export const placeText = (place: SourcePlace | undefined, emphasis: Emphasis): string => (place ? `  ${emphasis("place", `${place.file}:${place.line}`)}` : "");
