import { window } from "vscode";
import { withProgress } from "../../async/withProgress";
import { chooseHost } from "../../hosts/chooseHost";
import { applyRemedyOn } from "../../hosts/applyRemedyOn";
import type { Services } from "../../services";

/** Loads the module that listen queues are read with, when the host needs it and the user agrees. */
export async function loadTcpDiag(services: Services, argument?: unknown): Promise<void> {
  const chosen = await chooseHost(services, argument, "Load Module tcp_diag on Host");
  if (!chosen) return;
  const capabilities = await withProgress(`Checking ${chosen.name}`, (signal) => chosen.host.capabilities(signal));
  const capability = capabilities.find(({ id }) => id === "tcp-diag");
  if (capability?.remedy?.argv) await applyRemedyOn(services, chosen.name, capability.remedy);
  else void window.showInformationMessage(capability?.ok === false ? `${chosen.name}: ${capability.reason ?? "tcp_diag cannot be loaded"}` : `tcp_diag is there on ${chosen.name} already.`);
}
