/** Folded stacks (`root;caller;leaf count`): one stack a line, outermost first. Frames are names, at most with an offset. */
import { makeFrame, parseFrame } from "../parseFrame";
import type { StackFrame } from "../stack";

/** Innermost first; undefined when the line is not a folded stack. The process name that many tools put first is not a frame. */
export function parseFolded(line: string): readonly StackFrame[] | undefined {
  const match = /^([^\s;][^;]*(?:;[^;]+)+) \d+$/.exec(line);
  const names = match?.[1]?.split(";").map((name) => name.replace(/_\[[kj]\]$/, ""));
  if (!names) return undefined;
  const frames = names.map((name) => parseFrame(name));
  const known = frames[0] === undefined ? frames.slice(1) : frames;
  if (known.length < 2 || known.some((frame) => frame === undefined)) return undefined;
  return known
    .filter((frame) => frame !== undefined)
    .reverse()
    .map((frame, index) => makeFrame({ ...frame, kind: index === 0 ? "exact" : "return" }));
}
