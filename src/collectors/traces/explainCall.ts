import { CallChain } from "../../knowledge/callChain";
import type { Explanation } from "../../knowledge/cause";
import type { ChainFrame } from "../../knowledge/resetFacts";
import type { CallEvent } from "./callModel";

/** Calls have no cause to judge: who called is what tells them apart. */
export function explainCall({ name, process, stack: frames }: CallEvent, stack: readonly ChainFrame[]): Explanation<string> {
  const chain = CallChain.of(stack);
  const caller = chain.all.find((call) => call.function !== name)?.function;
  const context = frames.length === 0 ? "" : chain.inSoftirq ? " In a softirq: the process on the CPU was only interrupted." : process.isOwner ? ` By ${process.name}, in its own system call.` : "";
  return {
    cause: { id: "call", title: caller === undefined ? name : `from ${caller}`, detail: `${name} was called${caller === undefined ? "" : ` by ${caller}`}.${context}`, confidence: "certain" },
    alternatives: [],
    evidence: [],
  };
}
