import { type LogOutputChannel, window } from "vscode";
import { connectTarget } from "../../session/connectTarget";
import { openHost } from "../../session/openHost";
import type { SshPrompts } from "../../ssh/sshPrompts";
import { settings } from "../settings";
import { downloadProgress } from "./downloadProgress";
import type { OpenHost } from "./hostRegistry";

/** How this window connects: with its settings, asking in its own prompts. */
export function openHostFromSettings(prompts: SshPrompts, log: LogOutputChannel): OpenHost {
  return async (name, signal, progress) => {
    const sshConfigFile = settings.sshConfigFile();
    const target = await connectTarget(name, { prompts, signal, progress, ...(sshConfigFile === undefined ? {} : { sshConfigFile }) });
    try {
      signal.throwIfAborted();
      progress("Looking at the host");
      return await openHost(target, { ...settings.hostOptions(), consent, download, progress: downloadProgress(), log: (line) => log.info(line) });
    } catch (error) {
      await target.dispose();
      throw error;
    }
  };
}

async function download({ title, detail }: { readonly title: string; readonly detail: string }): Promise<boolean> {
  return (await window.showInformationMessage(title, { modal: true, detail }, "Download")) === "Download";
}

async function consent({ title, detail }: { readonly title: string; readonly detail: string }): Promise<boolean> {
  return (await window.showWarningMessage(title, { modal: true, detail }, "Allow")) === "Allow";
}
