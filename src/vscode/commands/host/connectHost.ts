import { hostArgument, pickHostName } from "../../hosts/chooseHost";
import { connectWithProgress } from "../../hosts/connectWithProgress";
import type { Services } from "../../services";

export async function connectHost(services: Services, argument?: unknown): Promise<void> {
  const name = hostArgument(services, argument) ?? (await pickHostName(services, "Connect to Host", (entry) => entry.state.kind !== "connected"));
  if (name !== undefined) await connectWithProgress(services, name);
}
