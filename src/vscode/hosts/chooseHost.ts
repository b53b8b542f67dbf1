import { ThemeIcon, window } from "vscode";
import type { Host } from "../../session/host";
import type { Services } from "../services";
import { rowSubject } from "../views/rowSubject";
import { connectWithProgress } from "./connectWithProgress";
import { localName, type HostEntry } from "./hostRegistry";

/** The host that an argument names: a row of it, or its name. */
export function hostArgument(services: Services, argument: unknown): string | undefined {
  if (typeof argument === "string") return argument;
  const subject = rowSubject(argument);
  if (!subject) return undefined;
  if ("host" in subject) return subject.host;
  return services.traces.get(subject.trace)?.hostName;
}

/**
 * The host a command is to work on, connected: the one its argument names, else the only connected one, else a
 * question. undefined when the user gave up.
 */
export async function chooseHost(services: Services, argument: unknown, title: string): Promise<{ name: string; host: Host } | undefined> {
  const name = await chooseHostName(services, argument, title);
  if (name === undefined) return undefined;
  const host = services.hosts.host(name) ?? (await connectWithProgress(services, name));
  return { name, host };
}

/** The same, without connecting. */
export async function chooseHostName(services: Services, argument: unknown, title: string): Promise<string | undefined> {
  const connected = services.hosts.connected();
  return hostArgument(services, argument) ?? (connected.length === 1 ? connected[0]?.name : await pickHostName(services, title));
}

/** Asks for a host, connected ones first when there are any. */
export async function pickHostName(services: Services, title: string, keep: (entry: HostEntry) => boolean = () => true): Promise<string | undefined> {
  const { active } = services.hosts;
  const rank = (entry: HostEntry): number => (entry.name === active?.name ? 2 : entry.state.kind === "connected" ? 1 : 0);
  const items = services.hosts.list().filter(keep).sort((a, b) => rank(b) - rank(a)).map((entry) => ({
    label: entry.name,
    iconPath: new ThemeIcon(entry.state.kind === "connected" ? "vm-active" : "vm-outline"),
    description: hostWords(entry, entry.name === active?.name),
  }));
  return (await window.showQuickPick(items, { title, placeHolder: "Host", matchOnDescription: true }))?.label;
}

function hostWords({ name, state }: HostEntry, isActive: boolean): string {
  const words = state.kind === "connected" ? `connected · ${state.facts.release}` : name === localName ? "this machine, no SSH" : "not connected";
  return isActive ? `${words} · active` : words;
}
