import { window } from "vscode";
import { connectWithProgress } from "../../hosts/connectWithProgress";
import { sshAliases } from "../../hosts/sshAliases";
import type { Services } from "../../services";
import { saveHosts, settings } from "../../settings";

/** Offers the aliases of the SSH configuration, and takes `user@host[:port]`; then connects. */
export async function addHost(services: Services, argument?: unknown): Promise<void> {
  const name = typeof argument === "string" ? argument : await askHost(services);
  if (name === undefined || name.trim() === "") return;
  const host = name.trim();
  if (!settings.hosts().includes(host)) await saveHosts([...settings.hosts(), host]);
  services.hosts.setNames([...settings.hosts(), host]);
  await connectWithProgress(services, host);
}

function askHost(services: Services): Promise<string | undefined> {
  const pick = window.createQuickPick();
  const known = new Set(services.hosts.list().map((entry) => entry.name));
  pick.title = "Add Host";
  pick.placeholder = "An alias of ~/.ssh/config, or user@host[:port]";
  pick.busy = true;
  let aliases: readonly string[] = [];
  const update = (): void => {
    const typed = pick.value.trim();
    const own = typed === "" || aliases.includes(typed) || known.has(typed) ? [] : [{ label: typed, description: "connect by this name" }];
    pick.items = [...own, ...aliases.filter((alias) => !known.has(alias)).map((label) => ({ label, description: "SSH configuration" }))];
  };
  void sshAliases(settings.sshConfigFile())
    .then((found) => (aliases = found), (error: unknown) => services.errors.note("Read the SSH configuration", error))
    .finally(() => {
      pick.busy = false;
      update();
    });
  return new Promise((resolve) => {
    pick.onDidChangeValue(update);
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]?.label ?? (pick.value.trim() || undefined));
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}
