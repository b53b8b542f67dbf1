import { ThemeIcon, window } from "vscode";
import { chooseHostName } from "../../hosts/chooseHost";
import { localName } from "../../hosts/hostRegistry";
import { sshArguments } from "../../hosts/sshArguments";
import type { Services } from "../../services";
import { settings } from "../../settings";

/** A terminal on the host: the user's own ssh, with the same configuration as ours. */
export async function openHostTerminal(services: Services, argument?: unknown): Promise<void> {
  const name = await chooseHostName(services, argument, "Open Terminal on Host");
  if (name === undefined) return;
  const iconPath = new ThemeIcon("terminal");
  const terminal = name === localName
    ? window.createTerminal({ name, iconPath })
    : window.createTerminal({ name, iconPath, shellPath: "ssh", shellArgs: [...sshArguments(name, settings.sshConfigFile())] });
  terminal.show();
}
