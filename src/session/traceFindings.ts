/** What a trace proves, as findings: the causes of its events, and what it could not see. */
import type { Finding } from "../collectors/capability";
import type { TraceGroup, TraceSummary } from "../collectors/traces/traceModel";
import { eventCount } from "../collectors/traces/traceWords";
import type { TraceKind } from "../collectors/traces/traceRequest";

/** More causes than these are for the Traces view. */
const mostCauses = 5;

export interface TracedHost {
  readonly kind: TraceKind;
  readonly groups: readonly TraceGroup[];
  readonly summary: TraceSummary;
}

export function traceFindings({ kind, groups, summary }: TracedHost): readonly Finding[] {
  // That a function was called is nothing wrong.
  const calls = kind === "function" || kind === "callgraph";
  return [...lostEvents(kind, summary), ...(calls ? [] : causes(kind, groups))];
}

function causes(kind: TraceKind, groups: readonly TraceGroup[]): Finding[] {
  const byCause = new Map<string, { readonly first: TraceGroup; count: number; groups: number }>();
  for (const group of groups.filter(({ explanation: { cause } }) => !cause.expected && cause.id !== "path-accepted")) {
    const entry = byCause.get(group.explanation.cause.id) ?? { first: group, count: 0, groups: 0 };
    entry.count += group.count;
    entry.groups++;
    byCause.set(group.explanation.cause.id, entry);
  }
  return [...byCause.values()].sort((a, b) => b.count - a.count).slice(0, mostCauses).map((entry) => causeFinding(kind, entry));
}

function causeFinding(kind: TraceKind, { first, count, groups }: { readonly first: TraceGroup; readonly count: number; readonly groups: number }): Finding {
  const { cause, evidence, alternatives, citation } = first.explanation;
  const place = first.stack.flatMap((frame) => frame.frames).find(({ inlined, source }) => source !== undefined && !inlined)?.source;
  return {
    id: `traced-${kind}-${cause.id}`,
    severity: cause.confidence === "low" ? "info" : "warning",
    title: `${eventCount(kind, count)}: ${cause.title}${cause.confidence === "low" ? " (uncertain)" : ""}`,
    detail: cause.detail,
    evidence: [
      `Traced: ${eventCount(kind, count)} in ${groups === 1 ? "one group" : `${groups} groups`}, cause ${cause.id}, ${cause.confidence === "low" ? "uncertain" : cause.confidence}.`,
      ...evidence,
      ...(alternatives.length === 0 ? [] : [`It could also be: ${alternatives.join(", ")}.`]),
      ...(place === undefined ? [] : [`The kernel was at ${place.file}:${place.line}.`]),
    ],
    ...(citation === undefined ? {} : { citation }),
  };
}

function lostEvents(kind: TraceKind, { lost, events }: TraceSummary): Finding[] {
  if (lost === 0) return [];
  if (kind === "conntrack-invalid") return [unloggedPackets(lost, events)];
  return [{
    id: "trace-lost-events",
    severity: "warning",
    title: `A trace lost ${lost === 1 ? "1 event" : `${lost} events`}`,
    detail: kind === "callgraph" ? "The target's buffers were full: calls are missing, and those around a gap are not counted. A smaller depth loses less." : "The target's buffers were full: counts are too low, and rare groups may be missing. A trace of one port loses less.",
    evidence: [`${events} events arrived, ${lost} were lost.`],
  }];
}

/** Nothing was full: the rule writes so many lines a second and counts the rest. */
const unloggedPackets = (lost: number, events: number): Finding => ({
  id: "trace-rate-limited",
  severity: "info",
  title: `${eventCount("conntrack-invalid", lost)} INVALID and counted, but not logged`,
  detail: "The rule that logs writes a limited number of lines a second, so that the kernel log is not flooded. The count is right; which packets the others were is not known.",
  evidence: [`The rule counted ${events + lost}, of which ${events} were logged.`],
});
