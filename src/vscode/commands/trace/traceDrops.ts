import type { Services } from "../../services";
import { startTrace } from "../../traces/startTrace";

/** Starts a trace of the packets that a host's kernel drops. */
export const traceDrops = (services: Services, argument?: unknown): Promise<void> =>
  startTrace(services, "Trace Packet Drops", argument, () => Promise.resolve({ kind: "drops" }));
