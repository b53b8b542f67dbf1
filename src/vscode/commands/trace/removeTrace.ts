import type { Services } from "../../services";
import { chooseTrace } from "../../traces/chooseTrace";

/** Takes a trace off the view; a running one is stopped first. */
export async function removeTrace(services: Services, argument?: unknown): Promise<void> {
  const entry = await chooseTrace(services, argument, "Remove Trace", () => true);
  if (entry) await services.traces.remove(entry.id);
}
