import type { StackQuery, WireFrame } from "../protocol/kernelStacks";
import { makeFrame, parseAddress, parseBuildId } from "../stacks/parseFrame";
import type { StackFrame } from "../stacks/stack";
import type { StackOfText } from "./resolveStack";

/** A frame as it came over the wire. */
export function stackFrame({ address, buildId, ...frame }: WireFrame): StackFrame {
  return makeFrame({ ...frame, address: parseAddress(address), buildId: parseBuildId(buildId) });
}

/** The frames of a question, with what its text says of their kernel. */
export function stackOfQuery({ build, buildId, frames }: StackQuery): StackOfText {
  const id = parseBuildId(buildId);
  return { frames: frames.map(stackFrame), ...(build !== undefined && { build }), ...(id !== undefined && { buildId: id }) };
}
