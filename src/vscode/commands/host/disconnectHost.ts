import { hostArgument, pickHostName } from "../../hosts/chooseHost";
import type { Services } from "../../services";

/** Ends what runs on the host first: its traces stop in order, then the link closes. */
export async function disconnectHost(services: Services, argument?: unknown): Promise<void> {
  const connected = services.hosts.connected();
  const only = connected.length === 1 ? connected[0]?.name : undefined;
  const name = hostArgument(services, argument) ?? only ?? (await pickHostName(services, "Disconnect", (entry) => entry.state.kind === "connected"));
  if (name === undefined) return;
  const traces = services.traces.running().filter((entry) => entry.hostName === name);
  await Promise.allSettled(traces.map((entry) => entry.trace.stop()));
  await services.hosts.disconnect(name);
}
