import type { GraphTask } from "./graphLine";

/** One call as it went, with what it called, in order. */
export interface GraphCall {
  readonly symbol: string;
  readonly module?: string;
  readonly args?: string;
  /** As the kernel prints it. */
  readonly returned?: string;
  /** undefined: its end was not seen. */
  readonly durationNs?: number;
  /** Of an interrupt that came in between: its functions are below, and it has no name of its own. */
  readonly isInterrupt?: true;
  readonly calls: readonly GraphCall[];
}

/** The outermost call that was asked for. */
export interface GraphRoot {
  readonly call: GraphCall;
  readonly cpu: number;
  readonly task?: GraphTask;
  /** Calls below it that are not kept: there were too many. */
  readonly leftOut: number;
}

export const interruptName = "interrupt";
