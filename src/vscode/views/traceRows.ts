import { describeError } from "../../base/errors";
import { endsText, eventFacts } from "../../collectors/traces/eventFacts";
import type { TraceEvent, TraceGroup, TraceSummary } from "../../collectors/traces/traceModel";
import { eventCount, filterText, traceTitle, traceWords } from "../../collectors/traces/traceWords";
import { adviceFor } from "../../session/advice";
import { isRunning, type TraceEntry } from "../traces/traceRegistry";
import { frameRows } from "./frameRows";
import { bullets, escapeMarkdown, inlineCode } from "./markdown";
import { graphRows } from "./graphRows";
import { icons, type Row, type RowIcon } from "./row";
import { clockText, count, durationText } from "./words";

/** Trace → groups, most frequent first → why, who, and the kernel stack. `rate` in events per second. */
export const traceRows = (traces: readonly TraceEntry[], rate: (id: string) => number): readonly Row[] =>
  traces.map((entry) => traceRow(entry, rate(entry.id)));

function traceRow(entry: TraceEntry, rate: number): Row {
  const { id, hostName, trace } = entry;
  const summary = trace.summary();
  const running = isRunning(entry);
  const failed = entry.error !== undefined || summary.state === "failed";
  const groups = [...trace.groups()].sort((a, b) => expectedRank(a) - expectedRank(b) || b.count - a.count || b.lastSeen - a.lastSeen);
  const filter = filterText(trace.request);
  const label = `${traceTitle(trace.request)} on ${hostName}`;
  const description = `${running ? summary.state : failed ? "failed" : "ended"} · ${summaryText(summary)}${running && rate > 0 ? ` · ${rate.toFixed(1)}/s` : ""}${filter === "" ? "" : ` · ${filter}`}`;
  return {
    id,
    label,
    description,
    icon: running ? { id: "record", color: "charts.red" } : failed ? icons.error : { id: "history" },
    tooltip: traceTooltip(entry, summary),
    spoken: `${label}, ${description}`,
    context: running ? "trace.running" : "trace.ended",
    subject: { kind: "trace", trace: id },
    expanded: true,
    children: [...failureRows(entry), ...emptyRows(entry, groups, running), ...groups.map((group) => groupRow(entry, group)), ...messageRows(id, summary)],
  };
}

/** What is normal work comes after what is not. */
const expectedRank = ({ explanation }: TraceGroup): number => (explanation.cause.expected ? 1 : 0);

export const summaryText = (summary: TraceSummary): string => `${count(summary.events, "event")}${summary.lost > 0 ? ` · ${summary.lost} lost` : ""}`;

function traceTooltip(entry: TraceEntry, summary: TraceSummary): string {
  const ended = summary.endedAt === undefined ? "still running" : `${clockText(summary.endedAt)}, after ${durationText(summary.endedAt - summary.startedAt)}`;
  return `**${escapeMarkdown(`${traceTitle(entry.trace.request)} on ${entry.hostName}`)}**\n\n${bullets([
    `kernel ${entry.facts.release}`, `started ${clockText(summary.startedAt)}`, `ended ${ended}`, count(summary.events, "event"), `${summary.lost} lost in the target's buffers`,
  ])}`;
}

function failureRows({ id, error }: TraceEntry): Row[] {
  if (error === undefined) return [];
  const advice = adviceFor(error);
  return [
    { id: `${id}/error`, label: describeError(error), icon: icons.error, tooltip: escapeMarkdown(describeError(error)) },
    ...(advice === undefined ? [] : [{ id: `${id}/advice`, label: advice, icon: { id: "lightbulb" }, tooltip: escapeMarkdown(advice) }]),
  ];
}

function emptyRows({ id, trace }: TraceEntry, groups: readonly TraceGroup[], running: boolean): Row[] {
  if (groups.length > 0) return [];
  const [soFar, atEnd] = traceWords(trace.request.kind).none;
  return [{ id: `${id}/empty`, label: running ? soFar : atEnd, icon: icons.info }];
}

const messageRows = (id: string, summary: TraceSummary): Row[] =>
  summary.messages.map((text, index) => ({ id: `${id}/message/${index}`, label: text, icon: icons.info, tooltip: escapeMarkdown(text) }));

function groupRow(entry: TraceEntry, group: TraceGroup): Row {
  const id = `${entry.id}/${group.key}`;
  const { event } = group;
  const { cause } = group.explanation;
  const label = `${group.count}× ${cause.title}`;
  const endpoints = `${endsText(group.event)}${group.mixed ? " and others" : ""}`;
  const doubt = cause.confidence === "low" ? " · uncertain" : cause.expected ? " · expected" : "";
  return {
    id,
    label,
    description: `${endpoints}${doubt}`,
    icon: neutralIcons[event.type] ?? (cause.expected ? icons.ok : cause.confidence === "low" ? icons.unknown : { id: "circle-slash", color: "charts.orange" }),
    tooltip: `**${escapeMarkdown(cause.title)}** (${inlineCode(cause.id)}, ${cause.confidence})\n\n${escapeMarkdown(cause.detail)}\n\n${bullets(group.explanation.evidence)}`,
    spoken: `${eventCount(entry.trace.request.kind, group.count)}, ${cause.title}, ${cause.confidence}, ${endpoints}`,
    context: "group",
    subject: { kind: "group", trace: entry.id, group: group.key },
    children: [whyRow(id, group), ...eventRows(id, group), ...bodyRows(id, entry.hostName, group)],
  };
}

/** That a function was called is nothing bad. */
const neutralIcons: Readonly<Partial<Record<TraceEvent["type"], RowIcon>>> = { call: { id: "call-incoming" }, callgraph: { id: "type-hierarchy-sub" } };

const bodyRows = (id: string, host: string, group: TraceGroup): readonly Row[] =>
  group.event.type === "callgraph" ? graphRows(id, host, group.event, group.stack) : group.event.type === "path" ? [] : [stackRow(id, host, group)];

function whyRow(id: string, { explanation }: TraceGroup): Row {
  const { cause, evidence, alternatives, citation } = explanation;
  const facts: Row[] = [
    ...evidence.map((text, index) => fact(`${id}/evidence/${index}`, text, "note")),
    fact(`${id}/confidence`, `${cause.confidence === "low" ? "uncertain" : cause.confidence} (${cause.id})`, "law"),
    ...(alternatives.length > 0 ? [fact(`${id}/alternatives`, `could also be: ${alternatives.join(", ")}`, "question")] : []),
    ...(citation === undefined ? [] : [fact(`${id}/citation`, `decided in ${citation}`, "book")]),
  ];
  return { id: `${id}/why`, label: cause.detail, icon: { id: "lightbulb" }, tooltip: escapeMarkdown(cause.detail), context: "detail", children: facts };
}

const fact = (id: string, label: string, icon: string): Row => ({ id, label, icon: { id: icon }, tooltip: escapeMarkdown(label), context: "detail" });

const factIcons: Readonly<Record<string, string>> = { socket: "plug", packet: "mail", reason: "tag", device: "server", duration: "watch", process: "symbol-method", netns: "symbol-namespace" };

function eventRows(id: string, { event, firstSeen, lastSeen, count: amount }: TraceGroup): Row[] {
  const row = (key: string, label: string, description: string, icon: string): Row => ({ id: `${id}/${key}`, label, description, icon: { id: icon }, context: "detail" });
  return [
    ...eventFacts(event).map((fact) => row(fact.id, fact.label, fact.text, factIcons[fact.id] ?? "symbol-parameter")),
    row("seen", "seen", amount > 1 ? `${clockText(firstSeen)} – ${clockText(lastSeen)}` : clockText(lastSeen), "clock"),
  ];
}

function stackRow(id: string, host: string, group: TraceGroup): Row {
  const resolved = group.stack.filter((frame) => frame.status === "ok").length;
  const children = frameRows(`${id}/stack`, host, group.stack);
  const state = group.stack.length === 0 ? "none recorded" : resolved === group.stack.length ? "" : ` · ${resolved} with a line`;
  return {
    id: `${id}/stack`,
    label: "kernel stack",
    description: group.stack.length === 0 ? state : `${count(group.stack.length, "frame")}${state}`,
    icon: { id: "layers" },
    context: "stack",
    expanded: true,
    children,
  };
}
