/**
 * A listener's queues in words. The kernel's tests are `sk_ack_backlog > sk_max_ack_backlog` for the accept queue (sk_acceptq_is_full in
 * include/net/sock.h), so limit + 1 connections fit, and `qlen > sk_max_ack_backlog` for the SYN queue (inet_csk_reqsk_queue_is_full);
 * tcp_max_syn_backlog matters only when SYN cookies are off: then a quarter of it is kept for proven peers (tcp_conn_request).
 *
 * What a listener drops is counted by listener, but not why; why is counted by namespace. The kind of trouble follows from both and
 * from the queues: a full accept queue is a program that accepts too slowly, a full SYN queue beside an accept queue with room is a
 * flood, or answers that get lost. Unix sockets have an accept queue by the same rule and nothing else (unix_recvq_full in net/unix/af_unix.c).
 */
import type { CounterChange } from "./counters";
import type { Handshake, ListenerKind, ListenerVerdict, Queue, QueueLimits } from "./socketModel";

export interface ListenerNumbers {
  readonly acceptQueue: Queue;
  readonly synQueue: Queue;
  /** All it ever dropped. */
  readonly drops?: number;
  /** Dropped since the last look. */
  readonly dropsSince?: number;
  readonly shared: boolean;
  /** The entries of the SYN queue: who does not answer tells a flood from lost packets. */
  readonly handshakes?: readonly Handshake[];
}

/** From here on a queue is worth a warning. */
const NEARLY_FULL = 0.75;

interface Judged {
  readonly numbers: ListenerNumbers;
  readonly limits: QueueLimits;
  readonly limitedBy: ListenerVerdict["limitedBy"];
  /** Counters of the namespace since the last look. */
  readonly change: CounterChange;
}

const noChange: CounterChange = { seconds: 0, deltas: {} };

/** `change`: how the counters of its namespace rose since the last look, when there was one. */
export function judgeListener(numbers: ListenerNumbers, limits: QueueLimits, change: CounterChange = noChange): ListenerVerdict {
  const limitedBy = limitSource(numbers.acceptQueue.limit, limits);
  const judged = { numbers, limits, limitedBy, change };
  const verdict = judge(judged);
  return { ...verdict, evidence: evidenceOf(judged), ...(limitedBy && { limitedBy }) };
}

/** The same of a unix socket, where a full queue makes connect() wait, or fail with EAGAIN when it must not. */
export function judgeUnixListener(acceptQueue: Queue, limits: QueueLimits): ListenerVerdict {
  const verdict = judgeListener({ acceptQueue, synQueue: {}, shared: false }, limits);
  const { length, limit } = acceptQueue;
  if (length === undefined || limit === undefined || length <= limit) return verdict;
  return { ...verdict, text: `Accept queue full: ${waiting(length)}, no more than ${limit + 1} fit (limit ${limit}${sourceText(verdict.limitedBy, limits)}). Programs that connect wait, or get EAGAIN when they may not wait.` };
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

type Finding = Pick<ListenerVerdict, "health" | "kind" | "text">;

const finding = (health: ListenerVerdict["health"], kind: ListenerKind, text: string): Finding => ({ health, kind, text });

function judge(judged: Judged): Finding {
  const { acceptQueue } = judged.numbers;
  const { length, limit } = acceptQueue;
  if (length === undefined) return finding("unknown", "unknown", "The length of the accept queue is not known here.");
  if (limit === undefined) return finding("unknown", "unknown", `${waiting(length)}; how many fit is not known from this source.`);
  return judgeFull(judged, length, limit) ?? judgeDrops(judged, length, limit) ?? judgeRest(judged, length, limit);
}

function judgeFull({ numbers, limits, limitedBy }: Judged, length: number, limit: number): Finding | undefined {
  const { synQueue, drops = 0, dropsSince = 0 } = numbers;
  const dropped = dropsText(drops, dropsSince);
  if (length > limit) {
    const now = dropsSince > 0 ? "overflowing" : "accept-queue-full";
    return finding("full", now, `Accept queue full: ${waiting(length)}, no more than ${limit + 1} fit (limit ${limit}${sourceText(limitedBy, limits)}). ${consequence(limits)}${dropped}`);
  }
  const handshakes = synQueue.length ?? 0;
  if (synQueue.limit === undefined || handshakes <= synQueue.limit) return undefined;
  return finding("full", "syn-queue-full", `${synFull(numbers, handshakes, synQueue.limit, limits)}${dropped}`);
}

/**
 * The counters are the namespace's, so where both queues overflowed there, perhaps of two listeners, they do not say which was this one's: what
 * still stands in its queues does, or nothing does.
 */
function judgeDrops({ numbers, limits, limitedBy, change }: Judged, length: number, limit: number): Finding | undefined {
  const { dropsSince = 0 } = numbers;
  const handshakes = numbers.synQueue.length ?? 0;
  if (dropsSince === 0) return undefined;
  const now = `${waiting(length).replace(/^N/, "n")} now, ${limit + 1} fit${limitedBy === "somaxconn" ? sourceText(limitedBy, limits) : ""}`;
  const dropped = `${dropsSince} since the last look`;
  const risen = (name: string): number => change.deltas[name] ?? 0;
  const [overflows, synDrops, cookies] = [risen("TcpExtListenOverflows"), risen("TcpExtTCPReqQFullDrop"), risen("TcpExtTCPReqQFullDoCookies")];
  const both = overflows > 0 && synDrops > 0;
  if (both && (length > 0) === (handshakes > 0)) return finding("warning", "dropped", `Did overflow: ${dropped}; ${now}. Accept queues and SYN queues overflowed in its network namespace, and nothing tells which of the two was this one's.`);
  if (overflows > 0 && !(both && handshakes > 0)) return finding("warning", "overflowed", `Did overflow or drop: ${dropped}; ${now}. Its accept queue is short for the bursts, or the program pauses between accepts.`);
  if (cookies > 0) return finding("warning", "cookies", `Did drop: ${dropped}; SYN cookies hide the rest; ${now}.`);
  if (synDrops > 0) return finding("warning", "syn-queue-full", `SYN queue did overflow: ${dropped}; ${now}. A SYN flood, or SYN-ACKs and last ACKs that get lost.`);
  return finding("warning", "dropped", `Did overflow or drop: ${dropped}; ${now}.`);
}

function judgeRest({ numbers, limits, limitedBy }: Judged, length: number, limit: number): Finding {
  const { synQueue, drops = 0, dropsSince = 0 } = numbers;
  const dropped = dropsText(drops, dropsSince);
  const handshakes = synQueue.length ?? 0;
  if (length > 0 && length / (limit + 1) >= NEARLY_FULL) return finding("warning", "filling", `Accept queue nearly full: ${waiting(length)}, ${limit + 1} fit${sourceText(limitedBy, limits)}.${dropped}`);
  return finding("ok", "ok", `${waiting(length)}, ${limit + 1} fit${handshakes > 0 ? `; ${handshakes} handshakes in flight` : ""}.${dropped}`);
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

function synFull({ shared, handshakes = [] }: ListenerNumbers, length: number, limit: number, { tcpSyncookies }: QueueLimits): string {
  const cookies = tcpSyncookies === 0 ? "cookies are off, so further SYNs are dropped" : "further SYNs are answered with cookies";
  return `SYN queue full: ${length} handshakes in flight${sourcesText(handshakes)}${shared ? " on all listeners of this port together" : ""}, limit ${limit}; ${cookies}.${silenceText(handshakes)}`;
}

/** ` from 12 addresses` */
function sourcesText(handshakes: readonly Handshake[]): string {
  const sources = new Set(handshakes.map(({ remote }) => remote.address)).size;
  return sources === 0 ? "" : ` from ${sources === 1 ? "one address" : `${sources} addresses`}`;
}

const isSilent = ({ retransmits = 0 }: Handshake): boolean => retransmits > 0;

/** What it means that peers do not answer, by whether they are many. */
function silenceText(handshakes: readonly Handshake[]): string {
  const silent = handshakes.filter(isSilent);
  if (silent.length < handshakes.length / 2 || silent.length === 0) return "";
  const sources = new Set(silent.map(({ remote }) => remote.address)).size;
  return sources > silent.length / 2
    ? " Most of them never answered, each another address: a SYN flood from forged addresses, or a way back that is broken for all."
    : " Most of them never answered, and they come from few addresses: their last ACKs get lost, or these hosts flood.";
}

function dropsText(drops: number, dropsSince: number): string {
  if (drops === 0) return "";
  return ` Dropped ${drops} since it began to listen${dropsSince > 0 ? `, ${dropsSince} of them since the last look` : ""}.`;
}

/** Where the limit comes from, as far as it can be told, in a sentence. */
export function limitText({ limit }: Queue, { somaxconn }: QueueLimits): string {
  if (limit === undefined) return "The limit of the accept queue is not known from this source.";
  if (somaxconn === undefined) return `Limit ${limit}: the smaller of the program's backlog and net.core.somaxconn when it called listen().`;
  if (limit === somaxconn) return `Limit ${limit}, set by net.core.somaxconn: the program asked for as much or more. A greater somaxconn counts only after it has called listen() again.`;
  if (limit > somaxconn) return `Limit ${limit}, above today's net.core.somaxconn ${somaxconn}: that was greater when the program called listen().`;
  return `Limit ${limit}, set by the program's own backlog: net.core.somaxconn would allow ${somaxconn}.`;
}

function evidenceOf({ numbers, limits, change }: Judged): string[] {
  const { acceptQueue, synQueue, shared, dropsSince, handshakes = [] } = numbers;
  const silent = handshakes.filter(isSilent).length;
  const rates = queueEvidence.flatMap((name) => {
    const delta = change.deltas[name] ?? 0;
    return delta > 0 ? [`${name} +${delta} in its namespace (${(delta / change.seconds).toFixed(1)}/s).`] : [];
  });
  return [
    ...(acceptQueue.length === undefined ? [] : [`Accept queue: ${acceptQueue.length} waiting${acceptQueue.limit === undefined ? "" : `, ${acceptQueue.limit + 1} fit`}.`]),
    limitText(acceptQueue, limits),
    ...(synQueue.length === undefined ? [] : [`SYN queue: ${synQueue.length} handshakes${sourcesText(handshakes)}${synQueue.limit === undefined ? "" : `, limit ${synQueue.limit}`}${shared ? "; several listeners share the port (SO_REUSEPORT), and the kernel does not tell which of them has which" : ""}.`]),
    ...(silent === 0 ? [] : [`${silent} of the handshakes got their SYN-ACK more than once, because nothing came back.`]),
    ...(dropsSince !== undefined && dropsSince > 0 ? [`It dropped ${dropsSince} since the last look${change.seconds > 0 ? ` (${(dropsSince / change.seconds).toFixed(1)}/s)` : ""}.`] : []),
    ...rates,
  ];
}

const queueEvidence = ["TcpExtListenOverflows", "TcpExtTCPReqQFullDrop", "TcpExtTCPReqQFullDoCookies", "TcpExtSyncookiesSent", "TcpExtSyncookiesRecv", "TcpExtSyncookiesFailed", "TcpExtEmbryonicRsts"] as const;
