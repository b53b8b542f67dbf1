import { withProgress } from "../../async/withProgress";
import { chooseHost } from "../../hosts/chooseHost";
import type { Services } from "../../services";
import { revealRow } from "../../views/revealRow";

/** Asks anew what can be done on a host and, where not, why; the answers stand below it in Hosts. */
export async function checkHost(services: Services, argument?: unknown): Promise<void> {
  const chosen = await chooseHost(services, argument, "Check Host");
  if (!chosen) return;
  await withProgress(`Checking ${chosen.name}`, (signal) => services.hosts.check(chosen.name, signal));
  await revealRow(services, "hosts", `host:${chosen.name}`);
}
