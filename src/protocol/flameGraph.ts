/** What the flame graph's webview and the extension say to each other. */

export interface FlameFunction {
  readonly name: string;
  readonly module?: string;
  /** Its code is inlined into its caller's. */
  readonly inlined?: true;
  /** Line of the call it was seen at, where one is known; opens by `open`. */
  readonly file?: string;
  readonly line?: number;
}

/**
 * A tree of calls as columns, one entry a node, callers before what they called and heaviest first: a node is followed by all that lies below it.
 * Typed arrays, so that a million nodes cross to the page without becoming text.
 */
export interface FlameNodes {
  /** Index of the caller, −1 for an outermost function. */
  readonly parent: Int32Array;
  /** Index into `functions`. */
  readonly function: Int32Array;
  /** How many nodes lie below. */
  readonly below: Int32Array;
  readonly total: Float64Array;
  readonly self: Float64Array;
  /** Of a comparison: rate after − rate before. */
  readonly change?: Float64Array;
  readonly before?: Float64Array;
}

export interface FlameGraphData {
  readonly title: string;
  /** What is counted, in the plural: `resets`, `drops`, `samples`. */
  readonly counted: string;
  readonly total: number;
  readonly functions: readonly FlameFunction[];
  readonly nodes: FlameNodes;
  /** Absent for a graph of one trace. */
  readonly comparison?: { readonly before: string; readonly after: string; readonly unit: "per second" | "share"; readonly totalBefore: number; readonly totalAfter: number };
}

export interface FlameExtensionMethods {
  /** Asked when the page has loaded, and when lines are wanted apart or together. */
  readonly load: { readonly params: { readonly byLine: boolean }; readonly result: FlameGraphData };
  readonly open: { readonly params: { readonly file: string; readonly line: number }; readonly result: undefined };
  readonly copy: { readonly params: { readonly text: string }; readonly result: undefined };
  /** Saves the stacks; false: the user thought better of it. */
  readonly export: { readonly params: { readonly format: "folded" | "speedscope" | "perf-script" }; readonly result: boolean };
}

export interface FlamePageMethods {
  /** The trace went on: ask for it again. */
  readonly changed: { readonly params: undefined; readonly result: undefined };
}
