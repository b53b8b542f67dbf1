import type { Services } from "../../services";
import { startTrace } from "../../traces/startTrace";

/** Lets a host log the packets that its connection tracking calls INVALID, after the commands for it were shown and agreed to. */
export const logConntrackInvalid = (services: Services, argument?: unknown): Promise<void> =>
  startTrace(services, "Log Conntrack-Invalid Packets", argument, () => Promise.resolve({ kind: "conntrack-invalid" }));
