import { formatFrame } from "../../src/stacks/parseFrame";
import type { Stack, StackFrame } from "../../src/stacks/stack";

const marks = { exact: "", return: "^", inlined: "~" } as const;

const drawFrame = (frame: StackFrame): string =>
  `${frame.reliable ? "" : "? "}${marks[frame.kind]}${formatFrame(frame)}${frame.source ? ` at ${frame.source.file}:${frame.source.line}` : ""}`;

/** `line format: frame frame …`, ^ before a return address, ~ before an inlined function, `×N` behind when the text counts. */
export const drawStack = (stack: Stack): string =>
  `${stack.line} ${stack.format}: ${stack.frames.map(drawFrame).join(" ")}`;
