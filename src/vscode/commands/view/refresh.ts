import type { Services } from "../../services";
import { hostArgument } from "../../hosts/chooseHost";

/** Looks at the listeners of a host, or of all connected ones, now. */
export async function refresh(services: Services, argument?: unknown): Promise<void> {
  const name = hostArgument(services, argument);
  await (name === undefined ? services.listeners.refreshAll() : services.listeners.refresh(name));
}
