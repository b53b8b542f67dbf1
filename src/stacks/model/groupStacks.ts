import type { SourcePlace } from "../stack";
import { frameName, type WeightedFrame, type WeightedStack } from "./weightedStack";

export interface StackGroup<T> {
  readonly key: T;
  readonly count: number;
  readonly stacks: readonly WeightedStack[];
}

/** Greatest first. Stacks without a cause are a group of their own, keyed by undefined. */
export const groupByCause = (stacks: readonly WeightedStack[]): readonly StackGroup<string | undefined>[] =>
  groupBy(stacks, (stack) => stack.cause ?? "").map((group) => ({ ...group, key: group.key === "" ? undefined : group.key }));

/** By the outermost `depth` functions they share: which system call, softirq or thread it came from. */
export const groupByPrefix = (stacks: readonly WeightedStack[], depth: number): readonly StackGroup<readonly string[]>[] =>
  groupBy(stacks, ({ frames }) => frames.slice(0, depth).map(frameName).join("\n")).map((group) => ({ ...group, key: group.key.split("\n") }));

/** The longest run of outermost functions that all stacks have in common. */
export function sharedPrefix(stacks: readonly WeightedStack[]): readonly string[] {
  const [first, ...others] = stacks.map(({ frames }) => frames.map(frameName));
  if (!first) return [];
  const end = first.findIndex((name, at) => others.some((names) => names[at] !== name));
  return end < 0 ? first : first.slice(0, end);
}

export interface LineCount {
  readonly place: SourcePlace;
  /** Of all stacks that pass the line, each once. */
  readonly total: number;
  /** Of those whose innermost known line it is. */
  readonly self: number;
  readonly functions: readonly string[];
}

/** How often each source line was passed, most often first. A stack that passes a line twice counts once there. */
export function countByLine(stacks: readonly WeightedStack[]): readonly LineCount[] {
  const lines = new Map<string, { place: SourcePlace; total: number; self: number; functions: Set<string> }>();
  for (const { frames, count } of stacks) {
    const placed = frames.filter((frame): frame is WeightedFrame & { source: SourcePlace } => frame.source !== undefined);
    const seen = new Set<string>();
    placed.forEach(({ source, name }, index) => {
      const id = `${source.file}:${source.line}`;
      const entry = lines.get(id) ?? { place: { file: source.file, line: source.line }, total: 0, self: 0, functions: new Set<string>() };
      lines.set(id, entry);
      entry.functions.add(name);
      if (!seen.has(id)) entry.total += count;
      if (index === placed.length - 1) entry.self += count;
      seen.add(id);
    });
  }
  return [...lines.values()].map((entry) => ({ ...entry, functions: [...entry.functions] })).sort((a, b) => b.total - a.total || b.self - a.self);
}

function groupBy(stacks: readonly WeightedStack[], key: (stack: WeightedStack) => string): readonly StackGroup<string>[] {
  const groups = new Map<string, WeightedStack[]>();
  for (const stack of stacks) {
    const id = key(stack);
    const group = groups.get(id);
    if (group) group.push(stack);
    else groups.set(id, [stack]);
  }
  return [...groups].map(([id, members]) => ({ key: id, stacks: members, count: members.reduce((sum, { count }) => sum + count, 0) })).sort((a, b) => b.count - a.count);
}
