import { endsText, eventFacts } from "../collectors/traces/eventFacts";
import type { TraceEvent, TraceGroup, TraceSummary } from "../collectors/traces/traceModel";
import { weighTrace } from "../session/weighTrace";
import { foldedText } from "../stacks/exchange/folded";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";
import { functionLines, graphLines, slowestLines, treeJson, type GraphOrder } from "./graphOutput";
import { paint, type Output } from "./output";
import { resolvedJson, stackLines } from "./resolvedFrames";

/** How call graphs are printed. */
export interface GraphChoices {
  /** The longest call of each group in order as well. */
  readonly slowest?: boolean;
  readonly sort?: GraphOrder;
}

/** Groups, most frequent first, those that are normal work last; then the summary. */
export function printTrace(output: Output, groups: readonly TraceGroup[], summary: TraceSummary, { slowest = false, sort = "self" }: GraphChoices = {}): void {
  const isExpected = ({ explanation }: TraceGroup): number => (explanation.cause.expected ? 1 : 0);
  const sorted = [...groups].sort((a, b) => isExpected(a) - isExpected(b) || b.count - a.count);
  for (const group of sorted) {
    if (output.json) output.object(groupJson(group));
    else for (const line of groupLines(output, group, slowest)) output.line(line);
  }
  if (!output.json) for (const line of functionLines(output, groups.flatMap(({ event }) => (event.type === "callgraph" ? [event] : [])), sort)) output.line(line);
  if (output.json) output.object({ summary: true, state: summary.state, groups: groups.length, events: summary.events, lost: summary.lost, messages: summary.messages });
  else output.line(`${groups.length} groups, ${summary.events} events, ${summary.lost === 0 ? "none" : String(summary.lost)} lost`);
  for (const message of summary.messages) output.note(message);
  if (summary.state === "failed") process.exitCode = 1;
}

/** Stacks with inlined functions, outermost first; what else is to be said goes to stderr. */
export function printFolded(output: Output, groups: readonly TraceGroup[], summary: TraceSummary): void {
  process.stdout.write(foldedText(weighTrace(groups)));
  output.note(`${summary.events} events, ${summary.lost === 0 ? "none" : String(summary.lost)} lost`);
  for (const message of summary.messages) output.note(message);
  if (summary.state === "failed") process.exitCode = 1;
}

/** The fields are a contract with scripts. */
export function groupJson({ count, event, explanation, stack, mixed }: TraceGroup): object {
  return {
    count,
    ...(mixed ? { mixed } : {}),
    cause: explanation.cause,
    alternatives: explanation.alternatives,
    evidence: explanation.evidence,
    citation: explanation.citation ?? null,
    ...eventJson(event, stack),
    process: event.process ?? null,
    netns: event.netns ?? null,
    stack: (event.type === "callgraph" ? [] : stack).map(resolvedJson),
  };
}

function eventJson(event: TraceEvent, stack: readonly ResolvedFrame[]): object {
  switch (event.type) {
    case "reset": {
      const { kind, family, socket, packet, nearby, conntrack, reason } = event;
      return {
        kind, family,
        endpoints: { socket: socket ? { local: socket.local, remote: socket.remote } : null, packet: packet ? { source: packet.source, destination: packet.destination } : null },
        state: socket?.state ?? null,
        flags: packet?.flags ?? null,
        reason: reason ?? null,
        conntrack: conntrack ?? null,
        samePeer: nearby ?? null,
      };
    }
    case "drop": {
      const { packet, protocol, device, reason } = event;
      return {
        reason: reason ?? null,
        protocol: protocol ?? null,
        transport: packet?.transport ?? null,
        endpoints: { packet: packet ? { source: packet.source, destination: packet.destination } : null },
        flags: packet?.flags ?? null,
        device: device ?? null,
      };
    }
    case "invalid": {
      const { packet, reason, isCertain } = event;
      return {
        reason: reason ?? null,
        transport: packet.transport,
        endpoints: { packet: { source: packet.source, destination: packet.destination } },
        flags: packet.flags ?? null, seq: packet.seq ?? null, ack: packet.ack ?? null,
        device: packet.deviceIn ?? packet.deviceOut ?? null,
        matched: isCertain,
      };
    }
    case "path":
      return {
        transport: event.packet.transport, endpoints: { packet: { source: event.packet.source, destination: event.packet.destination } }, flags: event.packet.flags ?? null,
        device: event.packet.deviceIn ?? event.packet.deviceOut ?? null, steps: event.steps.map(({ rule, ...step }) => ({ ...step, rule: rule ?? null })),
      };
    case "callgraph":
      return { name: event.name, tree: treeJson(event.totals, stack) };
    case "call":
      return { name: event.name, arguments: event.arguments, endpoints: event.endpoints ?? null };
  }
}

function groupLines(output: Output, group: TraceGroup, slowest: boolean): readonly string[] {
  const { event, explanation } = group;
  const { cause } = explanation;
  return [
    "",
    `${group.count}×  ${paint(output, cause.expected ? "dim" : "bold", cause.title)}  ${endsText(event)}${group.mixed ? " and others" : ""}  [${cause.id}, ${cause.expected ? "expected" : cause.confidence}]`,
    `    ${cause.detail}`,
    ...explanation.evidence.map((fact) => `    - ${fact}`),
    ...(explanation.alternatives.length === 0 ? [] : [`    or: ${explanation.alternatives.join(", ")}`]),
    ...eventFacts(event).map(({ label, text }) => `    ${label}: ${text}`),
    ...(explanation.citation === undefined ? [] : [`    ${paint(output, "dim", `decided in ${explanation.citation}`)}`]),
    ...(event.type === "path" ? [] : event.type === "callgraph" ? graphLines(output, event, group.stack) : stackLines(output, group.stack, "        ")),
    ...(event.type === "callgraph" && slowest ? slowestLines(output, event, group.stack) : []),
  ];
}
