import type { HostFacts } from "../../probes/hostFacts";
import type { TracerFacts } from "../../probes/tracerProbe";
import type { StackFrame } from "../../stacks/stack";
import type { Command, ExitStatus } from "../../target/command";
import type { Target } from "../../target/target";
import type { Remedy } from "../capability";
import type { TraceEvent } from "./traceModel";
import type { TraceRequest, TraceTool } from "./traceRequest";

/** Where events go. */
export interface TraceSink<E extends TraceEvent> {
  /** Every probe is attached. @param clock the tool's own when it said so, in milliseconds, where it tells it again and again */
  ready(clock?: number): void;
  /** `times` > 1 or `mixed`: counted in the kernel; `event` is one of them, and their peers may differ. */
  event(event: E, times?: number, mixed?: boolean): void;
  lost(events: number): void;
  /** Something worth saying; what repeats is said once. */
  say(text: string): void;
}

/** Makes events of what a tool prints, line by line. */
export interface TraceDecoder<E extends TraceEvent> {
  line(text: string, sink: TraceSink<E>): void;
  /** After the last line. */
  end?(sink: TraceSink<E>): void;
  /** Lines of standard error that say nothing. */
  isNoise(line: string): boolean;
  /** The error for a tool that ended by itself. `words`: what it said. */
  failure(exit: ExitStatus, words: readonly string[], where: string): Error;
}

/** What a collector would do on a target, as a value. It ends with the session, whatever ends that: `command.undo` says what is put back. */
export interface TracePlan<E extends TraceEvent> {
  readonly command: Command;
  readonly decoder: TraceDecoder<E>;
  /** Runs along with it, and ends with it. What it cannot do is said, and fails nothing. */
  readonly beside?: Pick<TracePlan<E>, "command" | "decoder">;
  /** What it changes on the target beyond itself; it is started only when this was agreed to. */
  readonly asks?: { readonly title: string; readonly detail: string };
  /** What to say about how it is done, once it runs. */
  readonly notes?: readonly string[];
}

export interface Obstacle {
  readonly code: string;
  readonly sentence: string;
  readonly remedy?: Remedy;
}

/** What a collector may look at to make its plan. */
export interface CollectorContext {
  readonly target: Target;
  readonly facts: HostFacts;
  readonly tracer: TracerFacts;
  /** Puts right what a tool names wrongly: symbols of modules loaded after it read kallsyms, and of BPF programs. */
  readonly symbolize: (frame: StackFrame) => StackFrame;
  readonly signal?: AbortSignal;
}

/** One way to collect one kind of events: whether it can run, and how. */
export interface Collector<R extends TraceRequest, E extends TraceEvent> {
  readonly tool: TraceTool;
  /** What stands in the way on this host; undefined: nothing. */
  obstacle(tracer: TracerFacts, facts: HostFacts, request: R): Obstacle | undefined;
  plan(context: CollectorContext, request: R): Promise<TracePlan<E>>;
}
