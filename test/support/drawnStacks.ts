import type { WeightedFrame, WeightedStack } from "../../src/stacks/model/weightedStack";

/**
 * Stacks drawn as text, one a line, outermost first: `a b c 3`. A frame may carry its line, `b@f.c:12`; `~c` was inlined; `!title` before the count is the cause.
 */
export const drawnStacks = (text: string): readonly WeightedStack[] => text.trim().split("\n").map(drawnStack);

function drawnStack(line: string): WeightedStack {
  const [head = "", cause] = line.trim().split(/\s+!/);
  const words = head.split(/\s+/);
  const count = Number((cause === undefined ? words.pop() : cause.split(" ").at(-1)) ?? 1);
  return { frames: words.map(drawnFrame), count, ...(cause === undefined ? {} : { cause: cause.split(" ").slice(0, -1).join(" ") }) };
}

function drawnFrame(word: string): WeightedFrame {
  const [name = "", file, line] = word.split(/[@:]/);
  return { name: name.replace(/^~/, ""), ...(name.startsWith("~") ? { inlined: true as const } : {}), ...(file === undefined ? {} : { source: { file, line: Number(line) } }) };
}
