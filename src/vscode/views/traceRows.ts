import { describeError } from "../../base/errors";
import type { ResetEvent, ResetGroup, TraceSummary } from "../../collectors/resetModel";
import { adviceFor } from "../../session/advice";
import { isRunning, type TraceEntry } from "../traces/traceRegistry";
import { frameRows } from "./frameRows";
import { bullets, escapeMarkdown, inlineCode } from "./markdown";
import { icons, type Row } from "./row";
import { clockText, count, durationText, endpointText } from "./words";

/** Trace → groups, most frequent first → why, who, and the kernel stack. `rate` in events per second. */
export const traceRows = (traces: readonly TraceEntry[], rate: (id: string) => number): readonly Row[] =>
  traces.map((entry) => traceRow(entry, rate(entry.id)));

function traceRow(entry: TraceEntry, rate: number): Row {
  const { id, hostName, trace } = entry;
  const summary = trace.summary();
  const running = isRunning(entry);
  const failed = entry.error !== undefined || summary.state === "failed";
  const groups = [...trace.groups()].sort((a, b) => b.count - a.count || b.lastSeen - a.lastSeen);
  const port = trace.options.port === undefined ? "" : ` · port ${trace.options.port}`;
  const description = `${running ? summary.state : failed ? "failed" : "ended"} · ${summaryText(summary)}${running && rate > 0 ? ` · ${rate.toFixed(1)}/s` : ""}${port}`;
  return {
    id,
    label: `TCP resets on ${hostName}`,
    description,
    icon: running ? { id: "record", color: "charts.red" } : failed ? icons.error : { id: "history" },
    tooltip: traceTooltip(entry, summary),
    spoken: `TCP resets on ${hostName}, ${description}`,
    context: running ? "trace.running" : "trace.ended",
    subject: { kind: "trace", trace: id },
    expanded: true,
    children: [...failureRows(entry), ...emptyRows(entry, groups, running), ...groups.map((group) => groupRow(entry, group)), ...messageRows(id, summary)],
  };
}

export const summaryText = (summary: TraceSummary): string => `${count(summary.events, "event")}${summary.lost > 0 ? ` · ${summary.lost} lost` : ""}`;

function traceTooltip(entry: TraceEntry, summary: TraceSummary): string {
  const ended = summary.endedAt === undefined ? "still running" : `${clockText(summary.endedAt)}, after ${durationText(summary.endedAt - summary.startedAt)}`;
  return `**TCP resets on ${escapeMarkdown(entry.hostName)}**\n\n${bullets([
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

function emptyRows({ id }: TraceEntry, groups: readonly ResetGroup[], running: boolean): Row[] {
  if (groups.length > 0) return [];
  return [{ id: `${id}/empty`, label: running ? "No reset sent yet" : "No reset was sent", icon: icons.info }];
}

const messageRows = (id: string, summary: TraceSummary): Row[] =>
  summary.messages.map((text, index) => ({ id: `${id}/message/${index}`, label: text, icon: icons.info, tooltip: escapeMarkdown(text) }));

function groupRow(entry: TraceEntry, group: ResetGroup): Row {
  const id = `${entry.id}/${group.key}`;
  const { cause } = group.explanation;
  const label = `${group.count}× ${cause.title}`;
  const endpoints = endpointsText(group.event);
  return {
    id,
    label,
    description: `${endpoints}${cause.confidence === "low" ? " · uncertain" : ""}`,
    icon: cause.confidence === "low" ? icons.unknown : { id: "circle-slash", color: "charts.orange" },
    tooltip: `**${escapeMarkdown(cause.title)}** (${inlineCode(cause.id)}, ${cause.confidence})\n\n${escapeMarkdown(cause.detail)}\n\n${bullets(group.explanation.evidence)}`,
    spoken: `${count(group.count, "reset")}, ${cause.title}, ${cause.confidence}, ${endpoints}`,
    context: "group",
    subject: { kind: "group", trace: entry.id, group: group.key },
    children: [whyRow(id, group), ...eventRows(id, group), stackRow(id, entry.hostName, group)],
  };
}

/** Us → the peer that gets the RST. Of several events the newest. */
export function endpointsText(event: ResetEvent): string {
  const ends = event.packet ? { local: event.packet.destination, remote: event.packet.source } : event.socket;
  return ends ? `${endpointText(ends.local)} → ${endpointText(ends.remote)}` : `${event.family} · endpoints unknown`;
}

function whyRow(id: string, { explanation }: ResetGroup): Row {
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

function eventRows(id: string, { event, firstSeen, lastSeen, count: amount }: ResetGroup): Row[] {
  const { socket, packet, process } = event;
  const row = (key: string, label: string, description: string, icon: string): Row => ({ id: `${id}/${key}`, label, description, icon: { id: icon }, context: "detail" });
  return [
    ...(socket ? [row("socket", "socket", `${endpointText(socket.local)} ↔ ${endpointText(socket.remote)} ${socket.state}`, "plug")] : []),
    ...(packet ? [row("packet", "answers", `${packet.flags.join(",") || "no flags"} from ${endpointText(packet.source)} · seq ${packet.seq} ack ${packet.ack}`, "mail")] : []),
    ...(event.reason === undefined ? [] : [row("reason", "kernel's reason", event.reason, "tag")]),
    row("process", process.isOwner ? "process" : "on the CPU", `${process.name}[${process.pid}]${process.isOwner ? "" : " (interrupted, not the owner)"}`, "symbol-method"),
    row("seen", "seen", amount > 1 ? `${clockText(firstSeen)} – ${clockText(lastSeen)}` : clockText(lastSeen), "clock"),
  ];
}

function stackRow(id: string, host: string, group: ResetGroup): Row {
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
