import { window } from "vscode";
import { withProgress } from "../../async/withProgress";
import { chooseHost } from "../../hosts/chooseHost";
import { applyRemedyOn } from "../../hosts/applyRemedyOn";
import type { Services } from "../../services";

/** Loads the module that listen queues are read with, when the host needs it and the user agrees. */
export async function loadTcpDiag(services: Services, argument?: unknown): Promise<void> {
  const chosen = await chooseHost(services, argument, "Load Module tcp_diag on Host");
  if (!chosen) return;
  const { findings } = await withProgress(`Checking ${chosen.name}`, (signal) => chosen.host.listeners(signal));
  const about = findings.filter(({ id }) => id.includes("diag"));
  const remedy = about.find((finding) => finding.remedy?.argv?.includes("tcp_diag"))?.remedy;
  if (remedy) await applyRemedyOn(services, chosen.name, remedy);
  else void window.showInformationMessage(about[0] ? `${chosen.name}: ${about[0].title}. ${about[0].detail}` : `${chosen.name} has no need of it: tcp_diag answers already.`);
}
