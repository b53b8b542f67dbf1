import type { Explanation } from "../../knowledge/cause";
import type { StackFrame } from "../../stacks/stack";
import type { ResolvedFrame } from "../../symbolize/resolvedFrame";
import type { GraphEvent } from "./callgraph/graphModel";
import type { CallEvent } from "./callModel";
import type { DropEvent } from "./dropModel";
import type { InvalidEvent } from "./invalidModel";
import type { PathEvent } from "./packetpath/pathModel";
import type { ResetEvent } from "./resetModel";
import type { TraceOptions } from "./traceRequest";

/** What every event of every trace has, as far as it is known. */
export interface TracedEvent {
  /** undefined where the tool does not tell. */
  readonly process?: TracedProcess;
  /** Inode of the network namespace. */
  readonly netns?: number;
  /** Innermost frame first; empty where the tool records none. */
  readonly stack: readonly StackFrame[];
}

/** Who was on the CPU. In a softirq this is whoever was interrupted, not the owner: `isOwner` says which. */
export interface TracedProcess {
  readonly pid: number;
  readonly name: string;
  readonly isOwner: boolean;
}

export type TraceEvent = ResetEvent | DropEvent | CallEvent | GraphEvent | InvalidEvent | PathEvent;

/** Events that are one and the same thing to a person: same cause, stack and endpoints without the peer's ephemeral port. */
export interface TraceGroup<E extends TraceEvent = TraceEvent> {
  /** Stable while the trace lives. */
  readonly key: string;
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** The newest event of the group. */
  readonly event: E;
  /** What was found out of its first one besides; part of `event` as well. */
  readonly learnt?: Partial<E>;
  /** The events have several peers, of which `event` shows one: there were too many to tell them apart. */
  readonly mixed?: boolean;
  readonly explanation: Explanation<string>;
  /** Resolved against the debuginfo of the running build; statuses say what could not be. */
  readonly stack: readonly ResolvedFrame[];
}

export type TraceState = "starting" | "running" | "stopping" | "ended" | "failed";

export interface TraceSummary {
  readonly state: TraceState;
  readonly events: number;
  /** Events the target's buffers lost; said, never hidden. */
  readonly lost: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** The tracer's own words when it failed, and other diagnostics. */
  readonly messages: readonly string[];
}

export type { TraceOptions };
