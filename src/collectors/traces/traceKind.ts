import type { Explanation } from "../../knowledge/cause";
import type { ChainFrame, SourceText } from "../../knowledge/resetFacts";
import type { TracerQuestion } from "../../probes/tracerProbe";
import type { StackFrame } from "../../stacks/stack";
import type { Endpoint } from "../socketModel";
import type { Collector } from "./collector";
import type { TraceEvent } from "./traceModel";
import type { TraceRequest } from "./traceRequest";

/** All that one kind of trace adds to what the kinds share: who collects, what a group is, why it happened. */
export interface TraceKindOf<R extends TraceRequest, E extends TraceEvent> {
  /** What has to be known of a host to collect these. */
  readonly question: (request: R) => TracerQuestion;
  /** Best first. */
  readonly collectors: readonly Collector<R, E>[];
  readonly subject: TraceSubject<E>;
}

/** What may be asked of the host about an event, behind the stream. */
export interface HostQuestions {
  /** TCP sockets of every namespace whose other end this is. */
  readonly connectionsWith: (peer: Endpoint) => Promise<readonly { readonly local: Endpoint; readonly remote: Endpoint; readonly state: string }[]>;
}

export interface TraceSubject<E extends TraceEvent> {
  /** What else explains a group's first event, once it is there. */
  learn?(event: E, host: HostQuestions): Promise<Partial<E>>;
  explain(event: E, stack: readonly ChainFrame[], text?: SourceText): Explanation<string>;
  /** All that the cause hangs on, beside the stack: events that are equal in both have one. Default: every event may have its own. */
  deciding?(event: E): string;
  /** What parts groups besides cause, stack, endpoints, namespace and process. */
  distinguish(event: E): readonly (string | number | undefined)[];
  ends(event: E): { readonly local?: Endpoint; readonly remote?: Endpoint };
  /** Several events of a group as one. Default: the newest stands for all. */
  merge?(known: E, next: E): E;
  /** What is resolved of an event. Default: its stack. */
  frames?(event: E): readonly StackFrame[];
  /** Groups that are kept apart, where one is large. */
  readonly limit?: number;
}
