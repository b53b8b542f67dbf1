import type { Services } from "../../services";
import { chooseNamespace } from "../../traces/chooseNamespace";
import { startTrace } from "../../traces/startTrace";

const title = "Log Conntrack-Invalid Packets";

/** Lets a host log the packets that connection tracking of one of its network namespaces calls INVALID, after the commands for it were shown and agreed to. */
export const logConntrackInvalid = (services: Services, argument?: unknown): Promise<void> =>
  startTrace(services, title, argument, async (host) => {
    const netns = await chooseNamespace(host, title);
    return netns === undefined ? undefined : { kind: "conntrack-invalid", ...(netns === "own" ? {} : { netns }) };
  });
