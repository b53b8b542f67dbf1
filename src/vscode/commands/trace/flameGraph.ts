import { traceTitle, traceWords } from "../../../collectors/traces/traceWords";
import { weighTrace } from "../../../session/weighTrace";
import type { SourcePlace } from "../../../stacks/stack";
import type { Services } from "../../services";
import { chooseTrace } from "../../traces/chooseTrace";
import type { TraceEntry } from "../../traces/traceRegistry";
import { flameData } from "../../webviewHost/flameData";
import { openPlace } from "../source/openSourceAt";

/** The stacks of a trace as a flame graph; of a running trace it grows with it. */
export async function flameGraph(services: Services, argument?: unknown): Promise<void> {
  const entry = await chooseTrace(services, argument, "Flame Graph", () => true);
  if (!entry) return;
  const title = `${traceTitle(entry.trace.request)} on ${entry.hostName}`;
  const stacks = () => weighTrace(entry.trace.groups());
  services.flameGraphs.open({
    title,
    stacks,
    data: (byLine) => flameData({ title, counted: entry.trace.request.kind === "callgraph" ? "nanoseconds" : traceWords(entry.trace.request.kind).many, stacks: stacks() }, byLine),
    open: (place) => openTracedPlace(services, entry, place),
    onChange: (listener) => entry.trace.onChange(listener),
  });
}

/** Opens the source with the hit counts of this trace beside it. */
export function openTracedPlace(services: Services, { id, hostName }: TraceEntry, { file, line }: SourcePlace): Promise<void> {
  services.traces.show(id);
  return openPlace(services, hostName, { file, line });
}
