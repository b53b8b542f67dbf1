import { traceCallGraph } from "../collectors/traces/callgraph/traceCallGraph";
import { tracePath } from "../collectors/traces/packetpath/tracePath";
import { traceConntrackInvalid } from "../collectors/traces/traceConntrackInvalid";
import { traceDrops } from "../collectors/traces/traceDrops";
import { traceFunction } from "../collectors/traces/traceFunction";
import type { TraceEvent } from "../collectors/traces/traceModel";
import { traceResets } from "../collectors/traces/traceResets";
import type { Explanation } from "../knowledge/cause";
import type { ChainFrame, SourceText } from "../knowledge/resetFacts";

/** Why it happened, anew from what was recorded. */
export function explainEvent(event: TraceEvent, stack: readonly ChainFrame[], source?: SourceText): Explanation<string> {
  switch (event.type) {
    case "reset": return traceResets.subject.explain(event, stack, source);
    case "drop": return traceDrops.subject.explain(event, stack, source);
    case "invalid": return traceConntrackInvalid.subject.explain(event, stack, source);
    case "path": return tracePath.subject.explain(event, stack, source);
    case "callgraph": return traceCallGraph.subject.explain(event, stack, source);
    case "call": return traceFunction.subject.explain(event, stack, source);
  }
}
