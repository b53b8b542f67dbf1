import { frameName, type WeightedFrame, type WeightedStack } from "./weightedStack";

export type FrameKey = (frame: WeightedFrame) => string;

/** Equal stacks become one, with their counts added; in the order of their first appearance. Stacks of different causes stay apart. */
export function foldStacks(stacks: readonly WeightedStack[], key: FrameKey = frameName): readonly WeightedStack[] {
  const folded = new Map<string, WeightedStack>();
  for (const stack of stacks) {
    const id = `${stack.cause ?? ""}\n${stack.frames.map((frame) => `${frame.inlined ? "~" : ""}${key(frame)}`).join("\n")}`;
    const same = folded.get(id);
    folded.set(id, same ? { ...same, count: same.count + stack.count } : stack);
  }
  return [...folded.values()];
}

export const totalCount = (stacks: readonly WeightedStack[]): number => stacks.reduce((sum, { count }) => sum + count, 0);

/** Several traces as one. */
export const mergeStacks = (...traces: readonly (readonly WeightedStack[])[]): readonly WeightedStack[] => foldStacks(traces.flat());
