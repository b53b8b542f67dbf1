import { describeError } from "../base/errors";
import type { ChainPart, FrameAnswer, StackAnswer, StackProblem, WireFrame } from "../protocol/kernelStacks";
import type { ResolvedFrame, SourceFrame } from "../symbolize/resolvedFrame";
import { adviceFor } from "./advice";
import type { DebuginfoState } from "./host";

/** What is known of a frame, for the wire. `uriOf`: the document that shows a file of the kernel's tree. */
export function frameAnswer({ status, message, lookup, frames, matches }: ResolvedFrame, uriOf: (file: string) => string | undefined = () => undefined): FrameAnswer {
  const part = ({ function: name, inlined, source }: SourceFrame): ChainPart => {
    const uri = source && uriOf(source.file);
    return { function: name, inlined, ...(source && { file: source.file, line: source.line }), ...(uri !== undefined && { uri }) };
  };
  return { status, lookup, chain: frames.map(part), ...(message !== undefined && { message }), ...(matches && { alternatives: matches.map((match) => match.frames.map(part)) }) };
}

/** What the text itself says needs no debuginfo. */
export function frameOfText(frame: WireFrame): FrameAnswer {
  const lookup = frame.kind === "return" ? "caller" : "exact";
  if (!frame.source) return { status: "no-debuginfo", lookup, chain: [] };
  return { status: "ok", lookup, chain: [{ function: frame.symbol ?? "?", inlined: frame.kind === "inlined", ...frame.source }] };
}

/** Whether no frame got a line. */
export const isUnanswered = (resolved: readonly ResolvedFrame[]): boolean => resolved.every(({ frames, matches }) => frames.length === 0 && !matches);

/** Why a kernel's lines are missing; undefined when its debuginfo is at hand. */
export function debuginfoProblem({ state, message, remedy }: DebuginfoState): StackProblem | undefined {
  if (state === "exact") return undefined;
  const advice = remedy && (remedy.command === undefined ? `${remedy.title}.` : `${remedy.title}: ${remedy.command}`);
  return { kind: "no-debuginfo", message, ...(advice !== undefined && { advice }) };
}

/** @throws when the question was withdrawn */
export function failedAnswer(error: unknown, signal: AbortSignal): StackAnswer {
  signal.throwIfAborted();
  const advice = adviceFor(error);
  return { problem: { kind: "failed", message: describeError(error), ...(advice !== undefined && { advice }) }, frames: [] };
}
