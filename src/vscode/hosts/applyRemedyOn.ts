import { window } from "vscode";
import { DomainError } from "../../base/errors";
import type { Remedy } from "../../collectors/capability";
import { shellLine } from "../../target/command";
import { withProgress } from "../async/withProgress";
import type { Services } from "../services";
import { connectWithProgress } from "./connectWithProgress";

/** Shows the exact command, asks, runs it, and looks at the host anew. */
export async function applyRemedyOn(services: Services, name: string, remedy: Remedy): Promise<void> {
  if (!remedy.argv) return;
  const command = remedy.command ?? shellLine(remedy.argv);
  const detail = [`This command would run on ${name}:`, command, ...(remedy.price === undefined ? [] : [remedy.price])].join("\n\n");
  const answer = await window.showWarningMessage(`${remedy.title} on ${name}?`, { modal: true, detail }, "Run Command");
  if (answer !== "Run Command") return;
  const host = services.hosts.host(name) ?? (await connectWithProgress(services, name));
  services.log.info(`${name}: ${command}`);
  const result = await withProgress(`${remedy.title} on ${name}`, (signal) => host.apply(remedy, signal));
  if (result.code !== 0) throw new DomainError("remedy/failed", `“${command}” failed: ${result.stderr.trim() || `exit status ${result.code ?? result.signal ?? "unknown"}`}`, name);
  void window.showInformationMessage(`Done on ${name}: ${remedy.title}.`);
  await Promise.allSettled([services.hosts.check(name), services.listeners.refresh(name)]);
}
