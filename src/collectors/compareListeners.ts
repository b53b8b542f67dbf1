/**
 * Two looks at the same host: what happened between them. Per-listener drops do not say why; the namespace's counters say why but not
 * where. Both together, and the sysctls, make the verdict: full accept queue (slow accept), full SYN queue (flood, or lost packets), cookies that hide it.
 */
import type { Finding } from "./capability";
import { counterDeltas, type Counters } from "./counters";
import { listenerFindings, listenerName, overflowFinding, placeName } from "./listenerFindings";
import { listenerKey } from "./listenerKey";
import { judgeListener } from "./listenerVerdict";
import type { Listener, ListenerKind, ListenersSnapshot, NetworkNamespace, QueueLimits } from "./socketModel";

export interface ListenersComparison {
  /** The newer snapshot, its listeners with `dropsSince` and the verdicts that follow, its findings with those of the comparison. */
  readonly snapshot: ListenersSnapshot;
  /** Seconds between the two. */
  readonly seconds: number;
  /** Counters that rose, by namespace. */
  readonly namespaces: readonly { readonly netns: NetworkNamespace; readonly deltas: Counters }[];
}

type Space = ListenersSnapshot["namespaces"][number];

export function compareListeners(previous: ListenersSnapshot, next: ListenersSnapshot): ListenersComparison {
  const seconds = Math.max(0.001, (next.takenAt - previous.takenAt) / 1000);
  const before = new Map(previous.listeners.map((listener) => [keyOf(listener), listener]));
  const spaces = next.namespaces.map((space) => ({ ...space, deltas: deltasOf(previous.namespaces, space) }));
  const spaceOf = new Map(spaces.map((space) => [space.netns.inode, space]));
  const known = new Set(previous.namespaces.map(({ netns }) => netns.inode));
  const dropsBefore = (listener: Listener): number | undefined => {
    const same = before.get(keyOf(listener));
    return same ? same.drops : known.has(listener.netns.inode) ? 0 : undefined;
  };
  const listeners = next.listeners.map((listener) => rejudge(listener, dropsBefore(listener), spaceOf.get(listener.netns.inode), seconds));
  const events = spaces.flatMap((space) => spaceFindings(space, listeners.filter(({ netns }) => netns.inode === space.netns.inode), seconds));
  const told = new Set(events.flatMap((event) => event.evidence));
  const full = listenerFindings(listeners.filter(({ verdict }) => !told.has(verdict.text)));
  const queueIds = new Set(["accept-queue-full", "syn-queue-full"]);
  const others = next.findings.filter(({ id }) => !queueIds.has(id));
  return {
    snapshot: { ...next, listeners, namespaces: spaces.map(({ deltas, ...space }) => ({ ...space, change: { seconds, deltas } })), findings: [...others, ...events, ...full] },
    seconds,
    namespaces: spaces.map(({ netns, deltas }) => ({ netns, deltas })),
  };
}

/** The cookie when there is one: another listener on the same address is another listener. */
const keyOf = ({ netns, cookie, inode, local }: Listener): string => `${netns.inode} ${cookie ?? inode ?? ""} ${local.address} ${local.port ?? ""}`;

function deltasOf(previous: readonly Space[], { netns, counters }: Space): Counters {
  const before = previous.find((space) => space.netns.inode === netns.inode);
  return before ? counterDeltas(before.counters, counters) : {};
}

/** A listener that was not there at the last look has dropped since then whatever it dropped. */
function rejudge(listener: Listener, dropsBefore: number | undefined, space: ComparedSpace | undefined, seconds: number): Listener {
  if (listener.drops === undefined || dropsBefore === undefined) return listener;
  const dropsSince = Math.max(0, listener.drops - dropsBefore);
  return { ...listener, dropsSince, verdict: judgeListener({ ...listener, dropsSince }, space?.limits ?? {}, { seconds, deltas: space?.deltas ?? {} }) };
}

interface ComparedSpace extends Space {
  readonly deltas: Counters;
}

function spaceFindings(space: ComparedSpace, listeners: readonly Listener[], seconds: number): Finding[] {
  const droppers = listeners.filter(({ dropsSince = 0 }) => dropsSince > 0);
  const overflows = space.deltas["TcpExtListenOverflows"] ?? 0;
  const synDrops = (space.deltas["TcpExtTCPReqQFullDrop"] ?? 0) + (space.deltas["TcpExtTCPReqQFullDoCookies"] ?? 0);
  const evidence = counterEvidence(space.deltas, seconds);
  const found: Finding[] = [];
  // Each queue's counter belongs to those whose queue it was, as far as their verdicts tell.
  if (synDrops > 0) found.push(synFinding(space, listeners.filter((one) => isOf(one, synKinds, droppers)), synDrops, seconds, evidence));
  if (overflows > 0) found.push(acceptFinding(space, listeners.filter((one) => isOf(one, acceptKinds, droppers)), overflows, seconds, evidence));
  else if (synDrops === 0 && droppers.length > 0) found.push(...droppers.map((listener) => droppedFinding(listener, seconds, evidence)));
  return found;
}

const acceptKinds: readonly ListenerKind[] = ["overflowing", "accept-queue-full", "overflowed"];
const synKinds: readonly ListenerKind[] = ["syn-queue-full", "cookies"];

/** SYNs answered with cookies are not counted as drops of their listener; of one that dropped without a sign of which queue it was, either may be true. */
const isOf = (listener: Listener, kinds: readonly ListenerKind[], droppers: readonly Listener[]): boolean =>
  kinds.includes(listener.verdict.kind) ? kinds === synKinds || droppers.includes(listener) : droppers.includes(listener) && ![...acceptKinds, ...synKinds].includes(listener.verdict.kind);

/** “12 times in 30 s (0.4/s)” */
const rate = (count: number, seconds: number): string => `${count} ${count === 1 ? "time" : "times"} in ${Math.round(seconds)} s (${(count / seconds).toFixed(1)}/s)`;

const shownCounters = [
  "TcpExtListenOverflows", "TcpExtListenDrops", "TcpExtTCPReqQFullDrop", "TcpExtTCPReqQFullDoCookies", "TcpExtSyncookiesSent", "TcpExtSyncookiesRecv",
  "TcpExtSyncookiesFailed", "TcpExtEmbryonicRsts", "TcpPassiveOpens",
] as const;

const counterEvidence = (deltas: Counters, seconds: number): string[] =>
  shownCounters.flatMap((name) => (deltas[name] === undefined ? [] : [`${name} +${deltas[name]} (${(deltas[name] / seconds).toFixed(1)}/s).`]));

const dropEvidence = (droppers: readonly Listener[]): string[] => droppers.flatMap((listener) => (listener.dropsSince === undefined ? [] : [`${listenerName(listener)} dropped ${listener.dropsSince}.`]));

/** The listener when only one dropped; the counters belong to the whole namespace. */
function queueName(queue: string, droppers: readonly Listener[], netns: NetworkNamespace): string {
  const [first, ...more] = droppers;
  if (!first) return `The ${queue} of a listener that is gone${placeName(netns)}`;
  return more.length === 0 ? `The ${queue} of ${listenerName(first)}` : `The ${queue}s of ${droppers.length} listeners${placeName(netns)}, or one of them,`;
}

/** Where a finding about these leads. */
function onlyOne([first, ...more]: readonly Listener[]): { listener?: string } {
  return first && more.length === 0 ? { listener: listenerKey(first) } : {};
}

function acceptFinding(space: ComparedSpace, droppers: readonly Listener[], overflows: number, seconds: number, evidence: readonly string[]): Finding {
  const capped = droppers.filter(({ verdict }) => verdict.limitedBy === "somaxconn");
  return {
    id: "accept-queue-overflow",
    severity: "error",
    title: `${queueName("accept queue", droppers, space.netns)} overflowed ${rate(overflows, seconds)}`,
    detail: `Connections arrive faster than the program accepts them; ${dropWords(space.limits)}${capped.length > 0 ? ` The queue is capped by net.core.somaxconn = ${space.limits.somaxconn ?? ""}; a greater value counts only after the program has called listen() again.` : ""}`,
    evidence: [...evidence, ...dropEvidence(droppers), ...droppers.map((listener) => listener.verdict.text)],
    ...(capped.length > 0 && space.netns.isInit && { remedy: somaxconnRemedy(space.limits.somaxconn ?? 0) }),
    ...onlyOne(droppers),
  };
}

const dropWords = ({ tcpAbortOnOverflow }: QueueLimits): string =>
  tcpAbortOnOverflow === 1
    ? "SYNs are dropped and clients that complete a handshake are reset, since tcp_abort_on_overflow is 1."
    : "SYNs are dropped, clients wait and try again after 1, 3, 7 s.";

function somaxconnRemedy(somaxconn: number): NonNullable<Finding["remedy"]> {
  const setting = `net.core.somaxconn=${Math.max(4096, somaxconn * 4)}`;
  return {
    title: "Raise net.core.somaxconn",
    command: `sysctl -w ${setting}`,
    argv: ["sysctl", "-w", setting],
    changesHost: true,
    price: "Until the next boot; the program must be restarted (or call listen() again) before it counts.",
  };
}

function synFinding(space: ComparedSpace, droppers: readonly Listener[], count: number, seconds: number, evidence: readonly string[]): Finding {
  const cookies = (space.deltas["TcpExtTCPReqQFullDoCookies"] ?? 0) > 0;
  const answered = space.deltas["TcpExtSyncookiesRecv"] ?? 0;
  return {
    id: "syn-flood",
    severity: cookies ? "warning" : "error",
    title: `${queueName("SYN queue", droppers, space.netns)} was full ${rate(count, seconds)}${cookies ? ", cookies were sent" : ", SYNs were dropped"}`,
    detail: cookies
      ? `SYN cookies keep the service up and hide the cause. ${answered > 0 ? `${answered} of the cookies came back, so at least a part are real clients` : "None of the cookies came back, which speaks for a SYN flood or a broken way back"}; cookies lose TCP options of those connections.`
      : "Cookies are off (net.ipv4.tcp_syncookies = 0), so honest clients are dropped with the others: a SYN flood, or SYN-ACKs and last ACKs that get lost on the way.",
    evidence: [...evidence, ...dropEvidence(droppers), ...droppers.map((listener) => listener.verdict.text)],
    ...onlyOne(droppers),
    ...(!cookies && space.limits.tcpSyncookies === 0 && space.netns.isInit && { remedy: cookiesRemedy }),
  };
}

const cookiesRemedy: NonNullable<Finding["remedy"]> = {
  title: "Switch SYN cookies on",
  command: "sysctl -w net.ipv4.tcp_syncookies=1",
  argv: ["sysctl", "-w", "net.ipv4.tcp_syncookies=1"],
  changesHost: true,
  price: "Until the next boot. Connections made by a cookie lose window scaling and SACK unless the client sends timestamps.",
};

/** Drops without either queue's counter: memory, routes, a security module, or counters that could not be read. */
function droppedFinding(listener: Listener, seconds: number, evidence: readonly string[]): Finding {
  if (listener.verdict.health === "full") return overflowFinding(listener, [`Dropped since the last look: ${rate(listener.dropsSince ?? 0, seconds)}.`, ...evidence]);
  return {
    id: "listener-drops",
    severity: "warning",
    title: `${listenerName(listener)} dropped connection attempts ${rate(listener.dropsSince ?? 0, seconds)}`,
    detail: "Neither its accept queue nor its SYN queue overflowed by the counters: memory, a missing route, or a security policy are the other reasons of the kernel.",
    evidence: [listener.verdict.text, ...evidence],
    listener: listenerKey(listener),
  };
}
