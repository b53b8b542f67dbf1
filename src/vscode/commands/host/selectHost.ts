import { pickHostName } from "../../hosts/chooseHost";
import { connectWithProgress } from "../../hosts/connectWithProgress";
import type { Services } from "../../services";

/** Says which host commands mean when nothing names one. */
export async function selectHost(services: Services): Promise<void> {
  const name = await pickHostName(services, "Select Active Host");
  if (name === undefined) return;
  if (services.hosts.host(name)) services.hosts.setActive(name);
  else await connectWithProgress(services, name);
}
