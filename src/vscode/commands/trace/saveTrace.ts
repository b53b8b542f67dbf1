import { Uri, window, workspace } from "vscode";
import type { Services } from "../../services";
import { chooseTrace } from "../../traces/chooseTrace";
import { traceJson } from "../../../session/savedTrace";

export async function saveTrace(services: Services, argument?: unknown): Promise<void> {
  const entry = await chooseTrace(services, argument, "Save Trace", () => true);
  if (!entry) return;
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const stamp = new Date(entry.trace.summary().startedAt).toISOString().replace(/[:.]/g, "-");
  const file = `resets-${entry.hostName.replace(/[^\w.@-]/g, "_")}-${stamp}.json`;
  const target = await window.showSaveDialog({ title: "Save Trace", filters: { JSON: ["json"] }, ...(folder ? { defaultUri: Uri.joinPath(folder, file) } : {}) });
  if (!target) return;
  const { hostName, facts, trace } = entry;
  await workspace.fs.writeFile(target, Buffer.from(traceJson({ host: hostName, facts, options: trace.options, summary: trace.summary(), groups: trace.groups() })));
  window.setStatusBarMessage(`Saved ${target.fsPath}`, 5000);
}
