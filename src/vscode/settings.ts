import { type ConfigurationChangeEvent, workspace, type WorkspaceConfiguration } from "vscode";
import type { StackSettings } from "../protocol/kernelStacks";
import type { HostOptions } from "../session/host";

/**
 * The settings as values. Those that name paths are machine-scoped, and package.json lists all that matter under
 * `restrictedConfigurations`: VS Code itself withholds an untrusted workspace's values.
 */
export const settings = {
  hosts: (): readonly string[] => strings("hosts"),
  sshConfigFile: (): string | undefined => nonEmpty("ssh.configFile"),
  listenersRefreshMs: (): number => Math.max(0, section().get<number>("listeners.refreshSeconds", 5)) * 1000,
  traceDurationMs: (): number | undefined => {
    const seconds = section().get<number>("traces.maxDurationSeconds", 600);
    return seconds > 0 ? seconds * 1000 : undefined;
  },
  stacks: (): StackSettings => {
    const read = section().get<boolean>("stacks.anyText", true);
    return {
      languages: read ? strings("stacks.languages") : [],
      files: read ? strings("stacks.files") : [],
      maxFileBytes: Math.max(1, section().get<number>("stacks.maxFileMegabytes", 32)) * (1 << 20),
      inlayHints: section().get<boolean>("stacks.inlayHints", true),
      diagnostics: section().get<boolean>("stacks.diagnostics", true),
    };
  },
  bpftraceCheckOnSave: (): boolean => section().get<boolean>("bpftrace.checkOnSave", true),
  hostOptions: (): Omit<HostOptions, "consent"> => {
    const [vmlinux, modules, sources] = [nonEmpty("debuginfo.vmlinux"), nonEmpty("debuginfo.modules"), strings("sources")];
    // Servers learn what runs here: none is asked for a workspace that is not trusted, whatever the environment says.
    const urls = workspace.isTrusted ? strings("debuginfod.urls") : [];
    const debuginfodUrls = urls.length > 0 || !workspace.isTrusted ? { debuginfodUrls: urls } : {};
    return { ...debuginfodUrls, ...(vmlinux ? { vmlinux } : {}), ...(modules ? { modules } : {}), ...(sources.length > 0 ? { sources } : {}) };
  },
};

/** Whether a change may lead to other debuginfo or source. */
export const namesFiles = (change: ConfigurationChangeEvent): boolean => ["knetscope.debuginfo", "knetscope.sources"].some((name) => change.affectsConfiguration(name));

/** Writes the user's list of hosts, wherever it now comes from. */
export const saveHosts = (hosts: readonly string[]): Thenable<void> => section().update("hosts", hosts, true);

const section = (): WorkspaceConfiguration => workspace.getConfiguration("knetscope");

/** Settings are written by hand: what is no string in a list of strings is passed over. */
function strings(key: string): readonly string[] {
  const value = section().get<unknown>(key);
  return Array.isArray(value) ? value.filter((item: unknown): item is string => typeof item === "string" && item.trim() !== "") : [];
}

function nonEmpty(key: string): string | undefined {
  const value = section().get<unknown>(key);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}
