import { CallChain } from "./callChain";
import type { Explanation } from "./cause";
import { explainReset } from "./explainReset";
import type { ChainFrame, ResetFacts, SourceText } from "./resetFacts";

/**
 * The cause of a reset of which only the stack was recorded, or the stack and what the event said. Where the chain alone does not tell, the answer is of
 * low confidence and names the others.
 *
 * @param facts whatever else was recorded
 * @returns undefined when the stack is not that of a reset
 */
export function explainStack(stack: readonly ChainFrame[], sourceText?: SourceText, facts: Partial<ResetFacts> = {}): Explanation | undefined {
  const { sender } = CallChain.of(stack);
  if (sender === undefined) return undefined;
  return explainReset({ kind: sender === "tcp_send_active_reset" ? "active" : "passive", complete: false, ...facts }, stack, sourceText);
}
