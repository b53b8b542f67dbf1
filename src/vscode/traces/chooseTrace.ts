import { window } from "vscode";
import { traceTitle } from "../../collectors/traces/traceWords";
import type { Services } from "../services";
import { rowSubject } from "../views/rowSubject";
import { clockText } from "../views/words";
import { summaryText } from "../views/traceRows";
import type { TraceEntry } from "./traceRegistry";

/** The trace that a row, an id or a question names. */
export async function chooseTrace(services: Services, argument: unknown, title: string, keep: (entry: TraceEntry) => boolean): Promise<TraceEntry | undefined> {
  const subject = rowSubject(argument);
  const id = typeof argument === "string" ? argument : subject && "trace" in subject ? subject.trace : undefined;
  if (id !== undefined) return services.traces.get(id);
  const candidates = services.traces.list().filter(keep);
  if (candidates.length === 0) void window.showInformationMessage("There is no such trace. The commands that begin with Trace start one.");
  if (candidates.length <= 1) return candidates[0];
  const items = candidates.map((entry) => ({
    label: `${traceTitle(entry.trace.request)} on ${entry.hostName}`,
    description: `${clockText(entry.trace.summary().startedAt)} · ${summaryText(entry.trace.summary())}`,
    entry,
  }));
  return (await window.showQuickPick(items, { title }))?.entry;
}
