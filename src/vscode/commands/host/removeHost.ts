import { window } from "vscode";
import { hostArgument, pickHostName } from "../../hosts/chooseHost";
import { localName } from "../../hosts/hostRegistry";
import type { Services } from "../../services";
import { saveHosts, settings } from "../../settings";
import { disconnectHost } from "./disconnectHost";

/** Takes the host off the list. SSH's own configuration is not touched. */
export async function removeHost(services: Services, argument?: unknown): Promise<void> {
  const name = hostArgument(services, argument) ?? (await pickHostName(services, "Remove Host", (entry) => entry.name !== localName));
  if (name === undefined || name === localName) return;
  if (services.hosts.host(name)) {
    const answer = await window.showWarningMessage(`${name} is connected. Disconnect and remove it from the list?`, { modal: true }, "Remove");
    if (answer !== "Remove") return;
    await disconnectHost(services, name);
  }
  const rest = settings.hosts().filter((host) => host !== name);
  await saveHosts(rest);
  services.hosts.setNames(rest);
}
