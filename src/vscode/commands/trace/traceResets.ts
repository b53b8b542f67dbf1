import type { Services } from "../../services";
import { startTrace } from "../../traces/startTrace";

/** Starts a trace of the resets that a host sends. */
export const traceResets = (services: Services, argument?: unknown): Promise<void> =>
  startTrace(services, "Trace TCP Resets", argument, () => Promise.resolve({ kind: "resets" }));
