import { workspace, type WorkspaceConfiguration } from "vscode";
import type { HostOptions } from "../session/host";

/**
 * The settings as values. Those that name paths are machine-scoped, and package.json lists all that matter under
 * `restrictedConfigurations`: VS Code itself withholds an untrusted workspace's values.
 */
export const settings = {
  hosts: (): readonly string[] => section().get<string[]>("hosts", []),
  sshConfigFile: (): string | undefined => nonEmpty("ssh.configFile"),
  listenersRefreshMs: (): number => Math.max(0, section().get<number>("listeners.refreshSeconds", 5)) * 1000,
  traceDurationMs: (): number | undefined => {
    const seconds = section().get<number>("traces.maxDurationSeconds", 600);
    return seconds > 0 ? seconds * 1000 : undefined;
  },
  hostOptions: (): Omit<HostOptions, "consent"> => {
    const [vmlinux, modules, sources] = [nonEmpty("debuginfo.vmlinux"), nonEmpty("debuginfo.modules"), section().get<string[]>("sources", [])];
    return { ...(vmlinux ? { vmlinux } : {}), ...(modules ? { modules } : {}), ...(sources.length > 0 ? { sources } : {}) };
  },
};

/** Writes the user's list of hosts, wherever it now comes from. */
export const saveHosts = (hosts: readonly string[]): Thenable<void> => section().update("hosts", hosts, true);

const section = (): WorkspaceConfiguration => workspace.getConfiguration("knetscope");

function nonEmpty(key: string): string | undefined {
  const value = section().get<string>(key, "").trim();
  return value === "" ? undefined : value;
}
