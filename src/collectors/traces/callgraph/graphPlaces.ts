import { callName } from "../../../stacks/callgraph/callTotals";
import type { SourcePlace } from "../../../stacks/stack";
import type { ResolvedFrame } from "../../../symbolize/resolvedFrame";

/** Where the functions of a call graph are defined: `f [module]` → the place of its first line. Functions with several places of one name have none. */
export function graphPlaces(stack: readonly ResolvedFrame[]): ReadonlyMap<string, SourcePlace> {
  const places = new Map<string, SourcePlace>();
  for (const { symbol, module, frames } of stack) {
    const source = frames.at(-1)?.source;
    if (symbol !== undefined && source) places.set(callName({ symbol, ...(module === undefined ? {} : { module }) }), source);
  }
  return places;
}
