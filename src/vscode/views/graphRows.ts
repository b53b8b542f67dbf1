import { graphPlaces } from "../../collectors/traces/callgraph/graphPlaces";
import type { GraphEvent } from "../../collectors/traces/callgraph/graphModel";
import { callName, durationText, functionTotals, type CallTotals } from "../../stacks/callgraph/callTotals";
import { interruptName, type GraphCall } from "../../stacks/callgraph/graphCall";
import type { SourcePlace } from "../../stacks/stack";
import type { ResolvedFrame } from "../../symbolize/resolvedFrame";
import { inlineCode } from "./markdown";
import { icons, type Row } from "./row";
import { count } from "./words";

/** What takes less time than the first so many is not drawn here: a tree of thousands of rows would be slow, and the flame graph has them all. */
const mostRows = 200;
const mostFunctions = 25;

interface Drawing {
  readonly host: string;
  readonly places: ReadonlyMap<string, SourcePlace>;
  readonly least: number;
}

/** The calls of one way through a function: summed up as a tree, the longest one in order, and by function. Each row opens the function's source. */
export function graphRows(id: string, host: string, { totals, slowest }: GraphEvent, stack: readonly ResolvedFrame[]): readonly Row[] {
  const places = graphPlaces(stack);
  const summed: Drawing = { host, places, least: leastOf(timesOf(totals)) };
  const ordered: Drawing = { host, places, least: leastOf(durationsOf(slowest)) };
  const functions = functionTotals([totals]).filter(({ symbol }) => symbol !== interruptName);
  return [
    { ...totalsRow(`${id}/calls`, totals, summed, 0), expanded: true },
    { id: `${id}/slowest`, label: "longest call, in order", description: durationText(totals.longestNs), icon: { id: "list-ordered" }, context: "detail", children: [callRow(`${id}/slowest/0`, slowest, ordered)] },
    {
      id: `${id}/functions`, label: "functions by their own time", description: count(functions.length, "function"), icon: { id: "symbol-function" }, context: "detail",
      children: functions.slice(0, mostFunctions).map((item, index) => placed(`${id}/functions/${index}`, callName(item), `${durationText(item.selfNs)} itself · ${durationText(item.totalNs)} with what it called · ${item.calls}×`, places.get(callName(item)), host)),
    },
  ];
}

/** In the order in which they were first called; interrupts, which nobody called, come last. */
function totalsRow(id: string, node: CallTotals, drawing: Drawing, level: number): Row {
  const { calls, totalNs, selfNs, isInterrupt, returned, unfinished } = node;
  const text = [
    `${calls}×`, durationText(totalNs), ...(calls > 1 ? [`${durationText(totalNs / calls)} each`] : []), ...(node.children.length > 0 && !isInterrupt ? [`${durationText(selfNs)} itself`] : []),
    ...(returned ? [`= ${returned.join(", ")}`] : []), ...(unfinished > 0 ? [`${unfinished} not seen to end`] : []),
  ].join(" · ");
  const kept = [...node.children.filter((child) => child.totalNs >= drawing.least)].sort((a, b) => Number(a.isInterrupt ?? false) - Number(b.isInterrupt ?? false));
  const row = isInterrupt ? { id, label: "interrupt", description: text, icon: { id: "zap" }, context: "detail" } : placed(id, callName(node), text, drawing.places.get(callName(node)), drawing.host);
  return { ...row, ...(level < 2 ? { expanded: true } : {}), children: [...kept.map((child, index) => totalsRow(`${id}/${index}`, child, drawing, level + 1)), ...restRow(id, node.children.length - kept.length)] };
}

function callRow(id: string, call: GraphCall, drawing: Drawing): Row {
  const { durationNs, isInterrupt, args, returned } = call;
  const text = [durationNs === undefined ? "not seen to end" : durationText(durationNs), ...(args === undefined ? [] : [`(${args})`]), ...(returned === undefined ? [] : [`= ${returned}`])].join(" · ");
  const kept = call.calls.filter(({ durationNs: time = 0 }) => time >= drawing.least);
  const row = isInterrupt ? { id, label: "interrupt", description: text, icon: { id: "zap" }, context: "detail" } : placed(id, callName(call), text, drawing.places.get(callName(call)), drawing.host);
  return { ...row, expanded: true, children: [...kept.map((inner, index) => callRow(`${id}/${index}`, inner, drawing)), ...restRow(id, call.calls.length - kept.length)] };
}

const restRow = (id: string, missing: number): readonly Row[] => (missing === 0 ? [] : [{ id: `${id}/rest`, label: count(missing, "shorter call"), description: "the flame graph has all", icon: icons.info, context: "detail" }]);

/** A row of a function: it opens its first line. */
function placed(id: string, label: string, text: string, place: SourcePlace | undefined, host: string): Row {
  const where = place ? `${place.file}:${place.line}` : undefined;
  return {
    id, label, description: where === undefined ? text : `${text} · ${where}`, icon: { id: "symbol-function" }, tooltip: `${inlineCode(label)}\n\n${text}${where === undefined ? "" : `\n\n${inlineCode(where)}`}`,
    spoken: `${label}, ${text}${where === undefined ? "" : `, ${where}`}`, context: place ? "frame.source" : "frame",
    ...(place ? { subject: { kind: "source", host, place }, action: { kind: "open-source", host, place } } : {}),
  };
}

const timesOf = (node: CallTotals): readonly number[] => [node.totalNs, ...node.children.flatMap(timesOf)];

const durationsOf = ({ durationNs = 0, calls }: GraphCall): readonly number[] => [durationNs, ...calls.flatMap(durationsOf)];

const leastOf = (times: readonly number[]): number => [...times].sort((a, b) => b - a)[mostRows] ?? 0;
