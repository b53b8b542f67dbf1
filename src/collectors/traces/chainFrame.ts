import { remembered } from "../../base/remembered";
import type { ChainFrame } from "../../knowledge/resetFacts";
import type { StackFrame } from "../../stacks/stack";

/** A frame before it is resolved: its name is all that the rules have. */
export const asChainFrame = (frame: StackFrame): ChainFrame => ({ ...(frame.symbol === undefined ? {} : { symbol: frame.symbol }), frames: [] });

/** Those of a stack; the same array for the same stack. */
export const chainOf: (stack: readonly StackFrame[]) => readonly ChainFrame[] = remembered((stack) => stack.map(asChainFrame));
