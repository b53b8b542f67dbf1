import { openSocketHost, type SocketHost } from "../session/socketQueries";
import { connectFlagged, consentFlagged } from "./flaggedTarget";
import type { Output } from "./output";
import type { HostFlags } from "./withHost";

/** The sockets of the host that the flags of a command line name. */
export async function openFlaggedSockets(flags: HostFlags, output: Output, signal: AbortSignal): Promise<SocketHost> {
  return openSocketHost(await connectFlagged(flags, output, signal), { consent: consentFlagged(flags, output) });
}
