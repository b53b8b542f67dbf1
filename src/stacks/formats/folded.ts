/** Folded stacks (`root;caller;leaf count`): one stack a line, outermost first. Frames are names, at most with an offset. */
import { makeFrame, parseFrame } from "../parseFrame";
import type { StackFrame } from "../stack";

export interface FoldedStack {
  /** Innermost first. */
  readonly frames: readonly StackFrame[];
  readonly count: number;
}

/** undefined when the line is not a folded stack. The process name that many tools put first is not a frame. */
export function parseFolded(line: string): FoldedStack | undefined {
  const match = line.includes(";") ? /^([^\s;][^;]*(?:;[^;]+)+) (\d+)$/.exec(line) : null;
  const names = match?.[1]?.split(";");
  if (!names) return undefined;
  const parsed = names.map((name) => withMark(name));
  const known = parsed[0] === undefined ? parsed.slice(1) : parsed;
  if (known.length < 2 || known.some((frame) => frame === undefined)) return undefined;
  const frames = known.filter((frame) => frame !== undefined).reverse().map((frame, index) => makeFrame({ ...frame, kind: frame.kind === "inlined" ? "inlined" : index === 0 ? "exact" : "return" }));
  return { frames, count: Number(match?.[2]) };
}

/** FlameGraph's tools mark kernel, jit and inlined frames behind the name. */
function withMark(name: string): StackFrame | undefined {
  const frame = parseFrame(name.replace(/_\[[kji]\]$/, ""));
  return frame && name.endsWith("_[i]") ? { ...frame, kind: "inlined" } : frame;
}
