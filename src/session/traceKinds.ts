import { traceCallGraph } from "../collectors/traces/callgraph/traceCallGraph";
import { tracePath } from "../collectors/traces/packetpath/tracePath";
import { traceConntrackInvalid } from "../collectors/traces/traceConntrackInvalid";
import { traceDrops } from "../collectors/traces/traceDrops";
import { traceFunction } from "../collectors/traces/traceFunction";
import { traceResets } from "../collectors/traces/traceResets";
import type { TraceRequest } from "../collectors/traces/traceRequest";
import { unreachable } from "../base/errors";
import type { HostTrace } from "./host";
import { startHostTrace, type TracedHost } from "./hostTrace";

/** The collector of each kind of trace. */
export function startRequestedTrace(host: TracedHost, request: TraceRequest, signal?: AbortSignal): Promise<HostTrace> {
  switch (request.kind) {
    case "resets": return startHostTrace(host, traceResets, request, signal);
    case "drops": return startHostTrace(host, traceDrops, request, signal);
    case "function": return startHostTrace(host, traceFunction, request, signal);
    case "callgraph": return startHostTrace(host, traceCallGraph, request, signal);
    case "packet": return startHostTrace(host, tracePath, request, signal);
    case "conntrack-invalid": return startHostTrace(host, traceConntrackInvalid, request, signal);
    default: return unreachable(request);
  }
}
