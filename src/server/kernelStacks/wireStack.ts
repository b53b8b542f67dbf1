import { hex } from "../../base/brands";
import type { StackFrame } from "../../stacks/stack";
import type { StackArgument, StackQuery, WireFrame } from "../../protocol/kernelStacks";
import type { PlacedFrame, PlacedStack } from "./placedStack";

export function wireFrame(frame: StackFrame): WireFrame {
  const { address, source, ...others } = frame;
  return { ...others, ...(address !== undefined && { address: hex(address) }), ...(source && { source: { file: source.file, line: source.line } }) };
}

/** The question about some frames of a stack. */
export function stackQuery({ stack }: PlacedStack, frames: readonly StackFrame[] = stack.frames): StackQuery {
  return { ...kernelOf(stack), frames: frames.map((frame) => wireFrame(frame)) };
}

/** What the text says about the stack's kernel. */
export const kernelOf = ({ build, buildId }: PlacedStack["stack"]): Omit<StackQuery, "frames"> => ({ ...(build !== undefined && { build }), ...(buildId !== undefined && { buildId }) });

/** The whole stack, with the frame that is meant. */
export const stackArgument = (stack: PlacedStack, frame: PlacedFrame): StackArgument => ({ stack: stackQuery(stack), at: Math.max(0, stack.frames.indexOf(frame)) });

/** A link that runs a command of the extension. */
export const commandUri = (command: string, ...args: readonly unknown[]): string => `command:${command}?${encodeURIComponent(JSON.stringify(args))}`;
