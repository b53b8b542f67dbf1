import { CallChain } from "./callChain";
import type { Explanation } from "./cause";
import { explainReset } from "./explainReset";
import type { ChainFrame, SourceText } from "./resetFacts";

/**
 * The cause of a reset of which only the stack was recorded. Where the chain alone does not tell, the answer is of low confidence and names the others.
 *
 * @returns undefined when the stack is not that of a reset
 */
export function explainStack(stack: readonly ChainFrame[], sourceText?: SourceText): Explanation | undefined {
  const { sender } = CallChain.of(stack);
  if (sender === undefined) return undefined;
  return explainReset({ kind: sender === "tcp_send_active_reset" ? "active" : "passive", complete: false }, stack, sourceText);
}
