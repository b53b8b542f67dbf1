import type { Stack, StackFrame } from "../../stacks/stack";
import type { DocumentLines } from "./documentLines";
import { frameSpan } from "../../stacks/frameSpan";

/** A frame and where it stands. Line and columns from 0. */
export interface PlacedFrame {
  readonly frame: StackFrame;
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

export interface PlacedStack {
  readonly stack: Stack;
  /** In the stack's order, which is not always that of the lines. */
  readonly frames: readonly PlacedFrame[];
  readonly firstLine: number;
  readonly lastLine: number;
}

/**
 * @param offset line of the document, from 0, that is the first of the text the stack was read from
 * @param base   line of the document from which the result's lines are counted
 */
export function placeStack(stack: Stack, lines: DocumentLines, offset: number, base: number): PlacedStack {
  const ends = new Map<number, number>();
  const frames = stack.frames.map((frame, index): PlacedFrame => {
    const line = offset + (stack.lines[index] ?? stack.line) - 1;
    const text = lines.line(line);
    const span = frameSpan(text, frame, ends.get(line) ?? 0) ?? frameSpan(text, frame) ?? wholeLine(text);
    ends.set(line, span.end);
    return { frame, line: line - base, ...span };
  });
  const numbers = frames.map(({ line }) => line);
  return { stack, frames, firstLine: Math.min(...numbers), lastLine: Math.max(...numbers) };
}

/** For frames that a carrier broke over lines or encoded. */
function wholeLine(text: string): { readonly start: number; readonly end: number } {
  const end = text.trimEnd().length;
  return { start: Math.min(end, text.length - text.trimStart().length), end };
}

export function moveStack(stack: PlacedStack, lines: number): PlacedStack {
  if (lines === 0) return stack;
  const frames = stack.frames.map((frame) => ({ ...frame, line: frame.line + lines }));
  return { ...stack, frames, firstLine: stack.firstLine + lines, lastLine: stack.lastLine + lines };
}

/** The frame at a column, if any. */
export function frameAt(stacks: readonly PlacedStack[], line: number, character: number): { readonly stack: PlacedStack; readonly frame: PlacedFrame } | undefined {
  for (const stack of stacks) {
    const frame = stack.frames.find((candidate) => candidate.line === line && candidate.start <= character && character <= candidate.end);
    if (frame) return { stack, frame };
  }
  return undefined;
}
