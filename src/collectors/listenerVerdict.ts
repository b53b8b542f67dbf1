/**
 * A listener's queues in words. The kernel's tests are `sk_ack_backlog > sk_max_ack_backlog` for the accept queue (sk_acceptq_is_full in
 * include/net/sock.h), so limit + 1 connections fit, and `qlen > sk_max_ack_backlog` for the SYN queue (inet_csk_reqsk_queue_is_full);
 * tcp_max_syn_backlog matters only when SYN cookies are off: then a quarter of it is kept for proven peers (tcp_conn_request).
 */
import type { ListenerVerdict, Queue, QueueLimits } from "./socketModel";

export interface ListenerNumbers {
  readonly acceptQueue: Queue;
  readonly synQueue: Queue;
  /** All it ever dropped. */
  readonly drops?: number;
  /** Dropped since the last look. */
  readonly dropsSince?: number;
  readonly shared: boolean;
}

/** From here on a queue is worth a warning. */
const NEARLY_FULL = 0.75;

export function judgeListener(numbers: ListenerNumbers, limits: QueueLimits): ListenerVerdict {
  const limitedBy = limitSource(numbers.acceptQueue.limit, limits);
  return { ...judge(numbers, limits, limitedBy), ...(limitedBy && { limitedBy }) };
}

/** The limit was min(backlog, somaxconn) at the time of listen(); one above today's somaxconn was set before that was lowered. */
function limitSource(limit: number | undefined, { somaxconn }: QueueLimits): ListenerVerdict["limitedBy"] {
  if (limit === undefined || somaxconn === undefined) return undefined;
  return limit === somaxconn ? "somaxconn" : "backlog";
}

/** How long the SYN queue may get: its limit, or three quarters of tcp_max_syn_backlog where there are no cookies to fall back on. */
export function synQueueLimit(acceptLimit: number | undefined, { tcpSyncookies, tcpMaxSynBacklog }: QueueLimits): number | undefined {
  if (acceptLimit === undefined) return undefined;
  if (tcpSyncookies !== 0 || tcpMaxSynBacklog === undefined) return acceptLimit;
  return Math.min(acceptLimit, tcpMaxSynBacklog - (tcpMaxSynBacklog >> 2));
}

function judge(numbers: ListenerNumbers, limits: QueueLimits, limitedBy: ListenerVerdict["limitedBy"]): Omit<ListenerVerdict, "limitedBy"> {
  const { acceptQueue, synQueue, drops = 0, dropsSince = 0 } = numbers;
  const { length, limit } = acceptQueue;
  if (length === undefined) return { health: "unknown", text: "The length of the accept queue is not known here." };
  if (limit === undefined) return { health: "unknown", text: `${waiting(length)}; how many fit is not known from this source.` };
  const dropped = dropsText(drops, dropsSince);
  if (length > limit) return { health: "full", text: `Accept queue full: ${waiting(length)}, no more than ${limit + 1} fit (limit ${limit}${sourceText(limitedBy, limits)}). ${consequence(limits)}${dropped}` };
  const handshakes = synQueue.length ?? 0;
  if (synQueue.limit !== undefined && handshakes > synQueue.limit) return { health: "full", text: `${synFull(handshakes, synQueue.limit, numbers.shared, limits)}${dropped}` };
  if (dropsSince > 0) return { health: "warning", text: `Did overflow or drop: ${dropsSince} since the last look; ${waiting(length)} now, ${limit + 1} fit.` };
  if (length > 0 && length / (limit + 1) >= NEARLY_FULL) return { health: "warning", text: `Accept queue nearly full: ${waiting(length)}, ${limit + 1} fit${sourceText(limitedBy, limits)}.${dropped}` };
  return { health: "ok", text: `${waiting(length)}, ${limit + 1} fit${handshakes > 0 ? `; ${handshakes} handshakes in flight` : ""}.${dropped}` };
}

const waiting = (length: number): string => (length === 0 ? "Nothing waits to be accepted" : `${length} ${length === 1 ? "connection waits" : "connections wait"} to be accepted`);

function sourceText(limitedBy: ListenerVerdict["limitedBy"], { somaxconn }: QueueLimits): string {
  if (limitedBy === "somaxconn") return `, capped by somaxconn ${somaxconn ?? ""}`;
  return limitedBy === "backlog" ? ", the backlog given to listen()" : "";
}

const consequence = ({ tcpAbortOnOverflow }: QueueLimits): string =>
  tcpAbortOnOverflow === 1
    ? "New SYNs are dropped, and handshakes that complete now are answered by a reset (tcp_abort_on_overflow is 1)."
    : "New SYNs are dropped and completed handshakes ignored until the program accepts.";

function synFull(length: number, limit: number, shared: boolean, { tcpSyncookies }: QueueLimits): string {
  const cookies = tcpSyncookies === 0 ? "cookies are off, so further SYNs are dropped" : "further SYNs are answered with cookies";
  return `SYN queue full: ${length} handshakes in flight${shared ? " on all listeners of this port together" : ""}, limit ${limit}; ${cookies}.`;
}

function dropsText(drops: number, dropsSince: number): string {
  if (drops === 0) return "";
  return ` Dropped ${drops} since it began to listen${dropsSince > 0 ? `, ${dropsSince} of them since the last look` : ""}.`;
}
