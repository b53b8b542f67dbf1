import type { Endpoint } from "../socketModel";
import type { ResetEvent } from "./resetModel";
import type { HostQuestions } from "./traceKind";

/**
 * A segment of a connection that no socket fits may belong to one that NAT should have led it to: then this host has a connection with the same peer at
 * another address or port. It is asked for while the connection may still be there.
 */
export async function nearbyConnection({ kind, socket, packet, complete }: ResetEvent, { connectionsWith }: HostQuestions): Promise<Partial<ResetEvent>> {
  if (kind !== "passive" || socket || !packet || complete === false || isRequest(packet.flags)) return {};
  const found = (await connectionsWith(packet.source)).find(({ local }) => !isSame(local, packet.destination));
  return found ? { nearby: { local: found.local, remote: found.remote, state: found.state } } : {};
}

const isRequest = (flags: readonly string[]): boolean => flags.includes("SYN") && !flags.includes("ACK");

const isSame = (a: Endpoint, b: Endpoint): boolean => a.address === b.address && a.port === b.port;
