import { window } from "vscode";
import { traceWords } from "../../../collectors/traces/traceWords";
import { weighTrace } from "../../../session/weighTrace";
import { mergeStacks } from "../../../stacks/model/foldStacks";
import type { Services } from "../../services";
import { isRow } from "../../views/rowSubject";
import { chooseTrace } from "../../traces/chooseTrace";
import type { TraceEntry } from "../../traces/traceRegistry";
import { summaryText } from "../../views/traceRows";
import { clockText } from "../../views/words";
import { comparedFlameData } from "../../webviewHost/flameData";
import { openTracedPlace } from "./flameGraph";

/** Two traces as one flame graph in which colour tells what grew and what shrank. From two rows that are selected, or by asking. */
export async function compareTraces(services: Services, argument?: unknown, selected?: unknown): Promise<void> {
  const [before, after] = inTime(await chooseTwo(services, argument, selected));
  if (!before || !after) return;
  const title = `Compared: ${nameOf(before)} → ${nameOf(after)}`;
  const side = (entry: TraceEntry) => ({ title: nameOf(entry), stacks: weighTrace(entry.trace.groups()), ...secondsOf(entry) });
  services.flameGraphs.open({
    title,
    stacks: () => mergeStacks(side(before).stacks, side(after).stacks),
    data: (byLine) => Promise.resolve(comparedFlameData({ title, counted: traceWords(after.trace.request.kind).many, before: side(before), after: side(after) }, byLine)),
    open: (place) => openTracedPlace(services, after, place),
  });
}

async function chooseTwo(services: Services, argument: unknown, selected: unknown): Promise<readonly TraceEntry[]> {
  const rows = Array.isArray(selected) ? selected.filter(isRow).map((row) => row.subject) : [];
  const ids = new Set(rows.flatMap((subject) => (subject && "trace" in subject ? [subject.trace] : [])));
  if (ids.size === 2) return [...ids].flatMap((id) => services.traces.get(id) ?? []);
  if (services.traces.list().length < 2) {
    void window.showInformationMessage("Two traces are needed. Trace something twice, or import a saved trace.");
    return [];
  }
  const first = await chooseTrace(services, argument, "Compare Traces: one of them", () => true);
  const second = first && (await chooseTrace(services, undefined, `Compare with ${nameOf(first)}`, ({ id }) => id !== first.id));
  return first && second ? [first, second] : [];
}

/** The older one first: the difference is what came since. */
const inTime = (entries: readonly TraceEntry[]): readonly TraceEntry[] => [...entries].sort((a, b) => a.trace.summary().startedAt - b.trace.summary().startedAt);

function nameOf({ hostName, trace }: TraceEntry): string {
  const { startedAt } = trace.summary();
  const day = new Date(startedAt).toLocaleDateString();
  return `${hostName} ${day === new Date().toLocaleDateString() ? "" : `${day} `}${clockText(startedAt)} (${summaryText(trace.summary())})`;
}

function secondsOf({ trace }: TraceEntry): { readonly seconds?: number } {
  const { startedAt, endedAt = Date.now() } = trace.summary();
  return startedAt > 0 && endedAt > startedAt ? { seconds: (endedAt - startedAt) / 1000 } : {};
}
