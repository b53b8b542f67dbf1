/** Listeners in trouble, as findings with their evidence. */
import type { Finding } from "./capability";
import { listenerKey } from "./listenerKey";
import type { Listener, NetworkNamespace } from "./socketModel";

/** `0.0.0.0:8080 nginx[812]`, `[::]:80`, with the namespace when it is not the first one. */
export function listenerName({ netns, local, family, processes }: Listener): string {
  const address = family === "ipv6" ? `[${local.address}]` : local.address;
  const [owner] = processes;
  return `${address}${local.port === undefined ? "" : `:${local.port}`}${owner ? ` ${owner.name}[${owner.pid}]` : ""}${placeName(netns)}`;
}

export const placeName = (netns: NetworkNamespace): string => (netns.isInit || netns.name === "own" ? "" : ` in ${netns.name}`);

/** What one look tells: only queues that are full now. Drops of the past become findings when a comparison dates them. */
export function listenerFindings(listeners: readonly Listener[]): Finding[] {
  return listeners.flatMap((listener) => (listener.verdict.health === "full" ? [overflowFinding(listener, [])] : []));
}

/** `more`: what else is known about it, as sentences. */
export function overflowFinding(listener: Listener, more: readonly string[]): Finding {
  const { acceptQueue, verdict, drops } = listener;
  const accept = (acceptQueue.length ?? 0) > (acceptQueue.limit ?? Infinity);
  const name = listenerName(listener);
  return {
    id: accept ? "accept-queue-full" : "syn-queue-full",
    severity: "error",
    title: accept ? `Accept queue of ${name} is full` : `SYN queue of ${name} is full`,
    detail: accept ? `${verdict.text} The program does not call accept() often enough, or the queue is too short for its bursts.` : verdict.text,
    evidence: [
      ...verdict.evidence,
      ...(drops === undefined ? [] : [`Dropped by this listener so far: ${drops}.`]),
      ...more,
    ],
    listener: listenerKey(listener),
  };
}
