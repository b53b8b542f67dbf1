import { Uri, window, workspace } from "vscode";
import { traceJson } from "../../../session/savedTrace";
import { weighTrace } from "../../../session/weighTrace";
import { writeWeighted, type StackFileFormat } from "../../../stacks/exchange/writeStacks";
import { traceTitle } from "../../../collectors/traces/traceWords";
import type { Services } from "../../services";
import { chooseTrace } from "../../traces/chooseTrace";
import type { TraceEntry } from "../../traces/traceRegistry";

/** Only the first keeps everything, and is what Import Trace reads back into the view. */
const filters = { "Trace, whole (JSON)": ["json"], "Folded stacks": ["folded"], speedscope: ["speedscope.json"], "perf script": ["perf.txt"] };

/** Writes a trace as the kind of file that its name's ending says. */
export async function saveTrace(services: Services, argument?: unknown): Promise<void> {
  const entry = await chooseTrace(services, argument, "Save Trace", () => true);
  if (!entry) return;
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const stamp = new Date(entry.trace.summary().startedAt).toISOString().replace(/[:.]/g, "-");
  const file = `${entry.trace.request.kind}-${entry.hostName.replace(/[^\w.@-]/g, "_")}-${stamp}.json`;
  const target = await window.showSaveDialog({ title: "Save Trace", filters, ...(folder ? { defaultUri: Uri.joinPath(folder, file) } : {}) });
  if (!target) return;
  await workspace.fs.writeFile(target, Buffer.from(textOf(entry, formatOf(target.path))));
  window.setStatusBarMessage(`Saved ${target.fsPath}`, 5000);
}

function formatOf(path: string): StackFileFormat {
  if (path.endsWith(".folded")) return "folded";
  if (path.endsWith(".speedscope.json")) return "speedscope";
  return /\.perf(?:\.txt)?$/.test(path) ? "perf-script" : "json";
}

function textOf({ hostName, facts, trace }: TraceEntry, format: StackFileFormat): string {
  if (format === "json") return traceJson({ host: hostName, facts, request: trace.request, summary: trace.summary(), groups: trace.groups() });
  return writeWeighted(weighTrace(trace.groups()), format, `${traceTitle(trace.request)} on ${hostName}`);
}
