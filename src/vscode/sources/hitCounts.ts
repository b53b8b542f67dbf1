import type { TraceGroup } from "../../collectors/traces/traceModel";
import type { ResolvedFrame, SourceFrame } from "../../symbolize/resolvedFrame";

export interface LineHits {
  readonly count: number;
  /** Title of a cause → events. */
  readonly causes: ReadonlyMap<string, number>;
}

/** Line, from 1 → events whose stack passed it. An event counts once for a line, however often its stack has it. */
export function hitCounts(groups: readonly TraceGroup[], file: string): ReadonlyMap<number, LineHits> {
  const hits = new Map<number, { count: number; causes: Map<string, number> }>();
  for (const group of groups) {
    const { title } = group.explanation.cause;
    for (const line of linesOf(group.stack, file)) {
      const entry = hits.get(line) ?? { count: 0, causes: new Map<string, number>() };
      entry.count += group.count;
      entry.causes.set(title, (entry.causes.get(title) ?? 0) + group.count);
      hits.set(line, entry);
    }
  }
  return hits;
}

function linesOf(stack: readonly ResolvedFrame[], file: string): ReadonlySet<number> {
  const places = stack.flatMap((frame): readonly SourceFrame[] => frame.frames);
  return new Set(places.flatMap(({ source }) => (source?.file === file ? [source.line] : [])));
}
