import { window } from "vscode";
import { withProgress } from "../../async/withProgress";
import { chooseHost } from "../../hosts/chooseHost";
import type { Services } from "../../services";

const lastFilterKey = "knetscope.lastFilter";

/** Asks for a filter in the language of ss and shows the matching sockets in a table. */
export async function querySockets(services: Services, argument?: unknown): Promise<void> {
  const chosen = await chooseHost(services, argument, "Query Sockets");
  if (!chosen) return;
  const filter = await window.showInputBox({
    title: `Query Sockets on ${chosen.name}`,
    prompt: "A filter in the language of ss, for example: state established and dport = :443. Empty: all sockets.",
    value: services.state.get<string>(lastFilterKey, ""),
    ignoreFocusOut: true,
  });
  if (filter === undefined) return;
  await openSockets(services, chosen.name, filter);
  await services.state.update(lastFilterKey, filter);
}

export async function openSockets(services: Services, name: string, filter: string): Promise<void> {
  const chosen = await chooseHost(services, name, "Query Sockets");
  if (!chosen) return;
  const query = { filter: filter.trim(), details: true };
  const snapshot = await withProgress(`Reading the sockets of ${name}`, (signal) => chosen.host.sockets(query, signal));
  services.socketTables.open(name, query, snapshot);
}
