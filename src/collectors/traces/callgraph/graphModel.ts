import type { CallTotals } from "../../../stacks/callgraph/callTotals";
import type { GraphCall } from "../../../stacks/callgraph/graphCall";
import type { TracedEvent } from "../traceModel";

/** One call of the function with all that it called; or several of the same way through it, summed up. */
export interface GraphEvent extends TracedEvent {
  readonly type: "callgraph";
  readonly name: string;
  readonly totals: CallTotals;
  /** The longest of them as it went. */
  readonly slowest: GraphCall;
  /** Calls below roots that were not kept: there were too many. */
  readonly leftOut: number;
}

/** What narrows a call graph down, besides process and duration of the trace. */
export interface GraphLimits {
  /** Levels below and with the function; 0: all. */
  readonly depth?: number;
  /** Functions that are left out, with all that they call. */
  readonly without?: readonly string[];
  /** Only on this CPU. */
  readonly cpu?: number;
  /** Only while a process of this name is on the CPU. */
  readonly comm?: string;
  /** Only calls that took at least so long. Nanoseconds. */
  readonly slowerThanNs?: number;
}

/** Deep enough to see who takes the time, and cheap enough for a busy function. */
export const defaultDepth = 6;
