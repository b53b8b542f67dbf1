import type { Services } from "../../services";
import { connectionsFilter } from "../../listeners/connectionsFilter";
import { rowSubject } from "../../views/rowSubject";
import { openSockets, querySockets } from "./querySockets";

/** The sockets of a listener's address and port. */
export async function showConnections(services: Services, argument?: unknown): Promise<void> {
  const subject = rowSubject(argument);
  if (subject?.kind === "listener") await openSockets(services, subject.host, connectionsFilter(subject.listener), [subject.listener.protocol]);
  else await querySockets(services, argument);
}
