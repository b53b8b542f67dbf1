import { functionsOf, type CallTotals } from "../../../stacks/callgraph/callTotals";
import { makeFrame } from "../../../stacks/parseFrame";
import type { StackFrame } from "../../../stacks/stack";

/** The functions of a call graph as frames at their beginnings, to be resolved like those of a stack. */
export const framesOf = (totals: CallTotals): readonly StackFrame[] => functionsOf(totals).map(({ symbol, module }) => makeFrame({ symbol, module, offset: 0, kind: "exact" }));
