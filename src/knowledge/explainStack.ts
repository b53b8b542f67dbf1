import { CallChain } from "./callChain";
import type { Explanation } from "./cause";
import type { DropEventFacts } from "./dropEventLine";
import { explainDrop } from "./explainDrop";
import { explainReset } from "./explainReset";
import { isDropping, isFreeing } from "./freeingFunctions";
import type { ChainFrame, ResetFacts, SourceText } from "./resetFacts";

export interface RecordedFacts {
  readonly reset?: Partial<ResetFacts>;
  readonly drop?: DropEventFacts;
}

/**
 * The cause of a reset or a drop of which only the stack was recorded, or the stack and what the event said. Where the chain alone does not tell, the answer
 * is of low confidence and names the others.
 *
 * @param facts whatever else was recorded
 * @returns undefined when the stack is neither that of a reset nor of a dropped packet
 */
export function explainStack(stack: readonly ChainFrame[], sourceText?: SourceText, { reset = {}, drop }: RecordedFacts = {}): Explanation<string> | undefined {
  const { sender } = CallChain.of(stack);
  // A packet is freed in the course of sending a reset as well: what frees it is innermost then.
  const first = stack[0]?.symbol;
  if (drop || (first !== undefined && isDropping(first))) return explainDrop({ ...drop, recorded: drop?.reason !== undefined }, withoutFreeing(stack));
  return sender === undefined ? undefined : explainReset({ kind: sender === "tcp_send_active_reset" ? "active" : "passive", complete: false, ...reset }, stack, sourceText);
}

function withoutFreeing(stack: readonly ChainFrame[]): readonly ChainFrame[] {
  const at = stack.findIndex(({ symbol }) => symbol === undefined || !isFreeing(symbol));
  return at < 0 ? [] : stack.slice(at);
}
