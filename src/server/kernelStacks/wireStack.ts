import { hex } from "../../base/brands";
import type { StackFrame } from "../../stacks/stack";
import type { StackArgument, StackQuery, WireFrame } from "../../protocol/kernelStacks";
import type { PlacedFrame, PlacedStack } from "./placedStack";

export function wireFrame({ address, column: _column, ...frame }: StackFrame & { readonly column?: never }): WireFrame {
  return { ...frame, ...(address === undefined ? {} : { address: hex(address) }) };
}

/** The question about some frames of a stack. */
export function stackQuery({ stack }: PlacedStack, frames: readonly StackFrame[] = stack.frames): StackQuery {
  return { ...kernelOf(stack), frames: frames.map((frame) => wireFrame(frame)) };
}

const kernelOf = ({ build }: PlacedStack["stack"]): Omit<StackQuery, "frames"> => (build === undefined ? {} : { build });

/** The whole stack, with the frame that is meant. */
export const stackArgument = (stack: PlacedStack, frame: PlacedFrame): StackArgument => ({ stack: stackQuery(stack), at: Math.max(0, stack.frames.indexOf(frame)) });

/** A link that runs a command of the extension. */
export const commandUri = (command: string, ...args: readonly unknown[]): string => `command:${command}?${encodeURIComponent(JSON.stringify(args))}`;
