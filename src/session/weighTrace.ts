import { graphPlaces } from "../collectors/traces/callgraph/graphPlaces";
import type { TraceGroup } from "../collectors/traces/traceModel";
import { callName, totalsAsStacks } from "../stacks/callgraph/callTotals";
import type { WeightedStack } from "../stacks/model/weightedStack";
import { weighGroup } from "./weighGroup";

/** A trace as stacks are counted and drawn: events, or for call graphs the nanoseconds that each function took itself. */
export const weighTrace = (groups: readonly TraceGroup[]): readonly WeightedStack[] => groups.flatMap((group) => (group.event.type === "callgraph" ? weighCalls(group) : [weighGroup(group)]));

function weighCalls({ event, stack, explanation }: TraceGroup): readonly WeightedStack[] {
  if (event.type !== "callgraph") return [];
  const places = graphPlaces(stack);
  const stacks = totalsAsStacks(event.totals, (node) => {
    const { symbol: name, module } = node;
    const source = places.get(callName(node));
    return [{ name, ...(module === undefined ? {} : { module }), ...(source && { source }) }];
  });
  return stacks.map((weighed) => ({ ...weighed, cause: explanation.cause.title }));
}
