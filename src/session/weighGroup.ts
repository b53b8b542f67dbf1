import type { WeightedFrame, WeightedStack } from "../stacks/model/weightedStack";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";

/** A group of any trace: what was counted, and where it came from. */
export interface CountedStack {
  readonly count: number;
  readonly stack: readonly ResolvedFrame[];
  readonly explanation?: { readonly cause: { readonly title: string } };
}

/** A traced group as stacks are counted, compared and drawn: inlined functions stand as frames of their own, with the lines they were resolved to. */
export const weighGroup = ({ count, stack, explanation }: CountedStack): WeightedStack => ({
  count,
  ...(explanation && { cause: explanation.cause.title }),
  frames: [...stack].reverse().flatMap(weighResolved),
});

function weighResolved(frame: ResolvedFrame): readonly WeightedFrame[] {
  const { symbol, input, module, offset, size } = frame;
  const own = { ...(module === undefined ? {} : { module }) };
  if (frame.frames.length === 0) return [{ name: symbol ?? input, ...own, ...(offset === undefined ? {} : { offset }), ...(size === undefined ? {} : { size }) }];
  return [...frame.frames].reverse().map(({ function: name, source, inlined }) => ({
    name, ...own, ...(source && { source }), ...(inlined ? { inlined: true as const } : { ...(offset === undefined ? {} : { offset }), ...(size === undefined ? {} : { size }) }),
  }));
}
