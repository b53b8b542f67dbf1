/**
 * Handshakes in flight, by listener. The length of a SYN queue (icsk_accept_queue.qlen) is not told by sock_diag, but every
 * entry of it is: as a SYN-RECV socket of the listener's address and port. Each is given to the listener that the kernel's
 * lookup would have chosen (compute_score in net/ipv4/inet_hashtables.c): the address itself before the wildcard, the bound
 * interface before none, the own family before a dual-stack socket. Under SO_REUSEPORT several score alike; the kernel chose one by
 * hash, we cannot know which, so all of them show the whole and are marked as shared.
 */
import { plainAddress } from "../base/addressText";
import type { InetSocket } from "../sockdiag/inetDiagMessage";

/** For each listener, in the order given. */
export interface ListenerQueue {
  readonly handshakes: readonly InetSocket[];
  /** Another listener has the same address, port, family and interface. */
  readonly shared: boolean;
}

/** Listeners and SYN-RECV entries of one network namespace. */
export function countHandshakes(listeners: readonly InetSocket[], requests: readonly InetSocket[]): ListenerQueue[] {
  const byPort = groupBy(listeners, (listener) => String(listener.local.port));
  const twins = groupBy(listeners, bindingOf);
  const found = new Map<InetSocket, InetSocket[]>(listeners.map((listener) => [listener, []]));
  for (const request of requests) {
    const scored = (byPort.get(String(request.local.port)) ?? []).map((listener) => ({ listener, score: scoreOf(listener, request) }));
    const best = Math.max(0, ...scored.map(({ score }) => score));
    if (best > 0) for (const { listener, score } of scored) if (score === best) found.get(listener)?.push(request);
  }
  return listeners.map((listener) => ({ handshakes: found.get(listener) ?? [], shared: (twins.get(bindingOf(listener))?.length ?? 0) > 1 }));
}

const bindingOf = ({ family, local, interfaceIndex }: InetSocket): string => `${family} ${local.address} ${local.port} ${interfaceIndex}`;

/** 0: cannot be its listener. */
function scoreOf(listener: InetSocket, request: InetSocket): number {
  const address = plainAddress(request.local.address);
  const isV4 = !address.includes(":");
  const wildcard = listener.local.address === "0.0.0.0" || listener.local.address === "::";
  if (!wildcard && plainAddress(listener.local.address) !== address) return 0;
  if (isV4 && listener.family === "ipv6" && listener.attributes.v6Only === true) return 0;
  if (!isV4 && listener.family === "ipv4") return 0;
  // A request takes over the interface its listener is bound to (inet_request_bound_dev_if).
  if (listener.interfaceIndex !== 0 && listener.interfaceIndex !== request.interfaceIndex) return 0;
  const sameFamily = (listener.family === "ipv4") === isV4;
  return 1 + (wildcard ? 0 : 4) + (listener.interfaceIndex === 0 ? 0 : 2) + (sameFamily ? 1 : 0);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
