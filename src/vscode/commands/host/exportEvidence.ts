import { window } from "vscode";
import { evidenceJson } from "../../../session/evidence";
import { evidenceMarkdown } from "../../../session/evidenceMarkdown";
import { gatherEvidence } from "../../../session/gatherEvidence";
import { withProgress } from "../../async/withProgress";
import { chooseHost } from "../../hosts/chooseHost";
import type { Services } from "../../services";
import { saveText } from "../../webviewHost/flameGraphs";

/** Between two looks at counters and queues. Milliseconds. */
const interval = 5000;

const kinds = [
  { label: "Markdown", description: "to read, to mail, to paste into an issue", ending: "md" },
  { label: "JSON", description: "for programs", ending: "json" },
] as const;

/** Writes one report of a host with all its traces of this window. What it holds is said before it is made. */
export async function exportEvidence(services: Services, argument?: unknown): Promise<void> {
  const chosen = await chooseHost(services, argument, "Export Evidence");
  if (!chosen) return;
  const title = `Export Evidence of ${chosen.name}: it holds addresses, ports and process names, no user names or payloads`;
  const kind = await window.showQuickPick(kinds, { title });
  if (!kind) return;
  const traces = services.traces.list().filter(({ hostName }) => hostName === chosen.name).map(({ trace }) => ({ request: trace.request, summary: trace.summary(), groups: trace.groups() }));
  const version = process.env.KNETSCOPE_VERSION ?? "development";
  const report = await withProgress(`Looking at ${chosen.name} for ${interval / 1000} s`, (signal) => gatherEvidence(chosen.host, { traces, interval, version, signal }));
  await saveText(`evidence-${report.host}.${kind.ending}`, "Export Evidence", kind.ending === "json" ? evidenceJson(report) : evidenceMarkdown(report));
}
