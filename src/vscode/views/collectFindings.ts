import type { Finding } from "../../collectors/capability";
import type { HostListeners } from "../listeners/listenersService";
import type { TraceEntry } from "../traces/traceRegistry";
import type { HostFinding } from "./findingRows";
import { count } from "./words";

/** All problems known now: what the listeners show, and what traces lost. */
export function collectFindings(listeners: readonly HostListeners[], traces: readonly TraceEntry[]): readonly HostFinding[] {
  return [
    ...listeners.flatMap(({ name, snapshot }) => (snapshot?.findings ?? []).map((finding) => ({ host: name, finding }))),
    ...traces.flatMap((entry) => lostEvents(entry)),
  ];
}

function lostEvents({ hostName, trace }: TraceEntry): HostFinding[] {
  const { lost, events } = trace.summary();
  if (lost === 0) return [];
  const finding: Finding = {
    id: "trace-lost-events",
    severity: "warning",
    title: `A trace lost ${count(lost, "event")}`,
    detail: "The target's buffers were full: counts are too low, and rare groups may be missing. A trace of one port loses less.",
    evidence: [`${count(events, "event")} arrived, ${lost} were lost`],
  };
  return [{ host: hostName, finding }];
}
