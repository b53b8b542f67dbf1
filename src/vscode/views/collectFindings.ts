import { listenerProblems } from "../../session/listenerProblems";
import { traceFindings } from "../../session/traceFindings";
import type { HostListeners } from "../listeners/listenersService";
import type { TraceEntry } from "../traces/traceRegistry";
import type { HostFinding } from "./findingRows";

/** All problems known now: what listeners and the network stack show, and what traces prove. */
export function collectFindings(listeners: readonly HostListeners[], traces: readonly TraceEntry[]): readonly HostFinding[] {
  return [
    ...listeners.flatMap(({ name, snapshot, problems }) => [...(snapshot ? listenerProblems(snapshot) : []), ...problems].map((finding) => ({ host: name, finding }))),
    ...traces.flatMap(({ id, hostName, trace }) =>
      traceFindings({ kind: trace.request.kind, groups: trace.groups(), summary: trace.summary() }).map((finding) => ({ host: hostName, finding, trace: id })),
    ),
  ];
}
