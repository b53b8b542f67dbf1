import type { Endpoint } from "../socketModel";
import type { TracedEvent, TracedProcess } from "./traceModel";

/** One call of a function, or one hit of a tracepoint. */
export interface CallEvent extends TracedEvent {
  readonly type: "call";
  /** The function, or `system:event`. */
  readonly name: string;
  readonly arguments: readonly CallArgument[];
  /** Of the first socket or packet among its arguments. */
  readonly endpoints?: { readonly local: Endpoint; readonly remote: Endpoint };
  readonly process: TracedProcess;
}

export interface CallArgument {
  readonly name: string;
  /** As in C: `struct sk_buff *`. */
  readonly type: string;
  /** What it held, in words: a number, an address, or what it points to. */
  readonly value: string;
}
