import { commands } from "vscode";
import { chooseHost } from "../../hosts/chooseHost";
import type { Services } from "../../services";

/** Shows the Listeners view; connects first when nothing is connected. */
export async function showListeners(services: Services, argument?: unknown): Promise<void> {
  const chosen = await chooseHost(services, argument, "Show Listeners");
  if (!chosen) return;
  await commands.executeCommand("knetscope.listeners.focus");
  await services.listeners.refresh(chosen.name);
}
