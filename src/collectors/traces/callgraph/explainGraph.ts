import { callName, durationText, functionTotals, type CallTotals } from "../../../stacks/callgraph/callTotals";
import type { Explanation } from "../../../knowledge/cause";
import type { GraphEvent } from "./graphModel";

/** A call graph has no cause to judge: it says where the time went, and which way through the function this was. */
export function explainGraph({ name, totals }: GraphEvent): Explanation<string> {
  const [first] = functionTotals([totals]);
  const share = first && totals.totalNs > 0 ? Math.round((100 * first.selfNs) / totals.totalNs) : 0;
  const interrupted = totals.children.find(({ isInterrupt }) => isInterrupt)?.totalNs ?? 0;
  return {
    cause: {
      id: "call-graph", title: wayOf(totals), confidence: "certain",
      detail: `${name} took ${durationText(totals.totalNs / totals.calls)} on average, ${durationText(totals.longestNs)} at most.${first && share > 0 ? ` ${share} % of that is ${callName(first)} itself.` : ""}`,
    },
    alternatives: [],
    evidence: [
      ...(interrupted > 0 ? [`Interrupts in between took ${durationText(interrupted)} of ${durationText(totals.totalNs)}.`] : []),
      "Times include what the tracer costs, which weighs most on short functions, and the time asleep.",
    ],
  };
}

/** The functions that take most of the time, from the outermost in: `tcp_v4_rcv → tcp_v4_do_rcv → tcp_rcv_established`. */
function wayOf(totals: CallTotals): string {
  const way = [callName(totals)];
  for (let node = heaviest(totals); node && way.length < 4; node = heaviest(node)) way.push(callName(node));
  return way.join(" → ");
}

/** Where less than a third went is no way. */
const heaviest = ({ children, totalNs }: CallTotals): CallTotals | undefined => {
  const [first] = children.filter(({ isInterrupt }) => !isInterrupt).sort((a, b) => b.totalNs - a.totalNs);
  return first && first.totalNs * 3 > totalNs ? first : undefined;
};
