import { traceDrops } from "../collectors/traces/traceDrops";
import type { TraceEvent } from "../collectors/traces/traceModel";
import { traceResets } from "../collectors/traces/traceResets";
import type { Explanation } from "../knowledge/cause";
import type { ChainFrame, SourceText } from "../knowledge/resetFacts";

/** Why it happened, anew from what was recorded; undefined for what has no cause of its own. */
export function explainEvent(event: TraceEvent, stack: readonly ChainFrame[], source?: SourceText): Explanation<string> | undefined {
  switch (event.type) {
    case "reset": return traceResets.subject.explain(event, stack, source);
    case "drop": return traceDrops.subject.explain(event, stack, source);
    case "call": return undefined;
  }
}
