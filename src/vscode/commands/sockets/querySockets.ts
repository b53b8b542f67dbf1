import { defaultProtocols, type TableProtocol } from "../../../protocol/tableColumns";
import { withProgress } from "../../async/withProgress";
import { chooseHost } from "../../hosts/chooseHost";
import type { Services } from "../../services";

/** Opens a socket table whose query box waits for a filter in the language of ss: the last one, ready to be typed over. */
export async function querySockets(services: Services, argument?: unknown): Promise<void> {
  const chosen = await chooseHost(services, argument, "Query Sockets");
  if (chosen) services.socketTables.open(chosen.name, services.filterHistory.list()[0] ?? "");
}

export async function openSockets(services: Services, name: string, filter: string, protocols: readonly TableProtocol[] = defaultProtocols): Promise<void> {
  const chosen = await chooseHost(services, name, "Query Sockets");
  if (!chosen) return;
  const snapshot = await withProgress(`Reading the sockets of ${name}`, (signal) => chosen.host.sockets({ filter, protocols, details: true, owners: false }, signal));
  services.socketTables.open(name, filter, { protocols, snapshot });
}
