import type { Host } from "../../session/host";
import { withProgress } from "../async/withProgress";
import type { Services } from "../services";

/** Connects behind a notification, then looks in the background at what can be done there. */
export async function connectWithProgress(services: Services, name: string): Promise<Host> {
  const host = await withProgress("KNetScope", (signal, report) => services.hosts.connect(name, signal, report));
  services.log.info(`${name}: connected`);
  services.hosts.check(name).catch((error: unknown) => services.errors.note(`Check ${name}`, error));
  return host;
}
