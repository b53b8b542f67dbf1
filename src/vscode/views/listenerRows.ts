import { describeError } from "../../base/errors";
import { endpointText } from "../../collectors/endpointText";
import { listenerKey } from "../../collectors/listenerKey";
import { limitText } from "../../collectors/listenerVerdict";
import type { Listener, ListenerHealth, ListenersSnapshot, NetworkNamespace, Queue, QueueLimits } from "../../collectors/socketModel";
import { rateText } from "../../collectors/counterRates";
import { counterMeanings } from "../../knowledge/counterMeanings";
import { adviceFor } from "../../session/advice";
import type { DropBaseline } from "../listeners/dropBaseline";
import type { HostListeners } from "../listeners/listenersService";
import { escapeMarkdown, inlineCode } from "./markdown";
import { icons, type Row, type RowIcon } from "./row";
import { clockText, count, durationText, known, processText } from "./words";

/** Host → network namespace → listener → its numbers, worst listeners first. */
export const listenerRows = (hosts: readonly HostListeners[]): readonly Row[] => hosts.map(hostRow);

function hostRow(host: HostListeners): Row {
  const { snapshot } = host;
  return {
    id: `host:${host.name}`,
    label: host.name,
    description: hostDescription(host),
    icon: host.error === undefined ? { id: "server" } : icons.warning,
    context: "listeners.host",
    subject: { kind: "host", host: host.name },
    expanded: true,
    children: [...errorRows(host), ...(snapshot ? snapshotRows(host.name, snapshot, host.baseline) : [])],
  };
}

function hostDescription({ snapshot, refreshing }: HostListeners): string {
  if (!snapshot) return refreshing ? "reading…" : "not read yet";
  const source = snapshot.source === "sock_diag" ? "" : ` · from ${snapshot.source === "proc" ? "/proc/net (limits cannot be known)" : snapshot.source}`;
  return `${count(snapshot.listeners.length, "listener")}${refreshing && snapshot.listeners.some(({ ownersUnasked }) => ownersUnasked) ? " · reading their processes…" : ""} · ${clockText(snapshot.takenAt)}${source}`;
}

function errorRows(host: HostListeners): Row[] {
  if (host.error === undefined) return [];
  const advice = adviceFor(host.error);
  return [{
    id: `error:${host.name}`,
    label: "Could not read the listeners",
    description: describeError(host.error),
    icon: icons.error,
    tooltip: [escapeMarkdown(describeError(host.error)), ...(advice ? [escapeMarkdown(advice)] : [])].join("\n\n"),
  }];
}

function snapshotRows(host: string, snapshot: ListenersSnapshot, baseline: DropBaseline): Row[] {
  const byNamespace = new Map<number, { netns: NetworkNamespace; listeners: Listener[] }>();
  for (const listener of snapshot.listeners) {
    const entry = byNamespace.get(listener.netns.inode) ?? { netns: listener.netns, listeners: [] };
    entry.listeners.push(listener);
    byNamespace.set(listener.netns.inode, entry);
  }
  const spaceOf = new Map(snapshot.namespaces.map((item) => [item.netns.inode, item]));
  const notes = snapshot.notes.map((note, index): Row => ({ id: `note:${host}/${index}`, label: note, icon: icons.info, tooltip: escapeMarkdown(note) }));
  const namespaces = [...byNamespace.values()].sort((a, b) => Number(b.netns.isInit) - Number(a.netns.isInit) || a.netns.name.localeCompare(b.netns.name));
  return [...namespaces.map((entry) => namespaceRow(host, entry, spaceOf.get(entry.netns.inode) ?? { netns: entry.netns, limits: {}, counters: {}, interfaces: [] }, baseline)), ...notes];
}

function namespaceRow(host: string, entry: { netns: NetworkNamespace; listeners: Listener[] }, space: Space, baseline: DropBaseline): Row {
  const { netns } = entry;
  const { limits } = space;
  const id = `netns:${host}/${netns.inode}`;
  const sorted = [...entry.listeners].sort((a, b) => severity[b.verdict.health] - severity[a.verdict.health] || (a.local.port ?? 0) - (b.local.port ?? 0));
  // Two listeners may share a key (SO_REUSEPORT without inodes): the index tells them apart.
  const rowOf = (listener: Listener, index: number): Row => listenerRow(`${id}/${listenerKey(listener)}/${index}`, host, listener, limits, baseline);
  const unix = sorted.flatMap((listener, index) => (isQuietUnix(listener) ? [rowOf(listener, index)] : []));
  const quiet = unix.length === 0 ? [] : [{ id: `${id}/unix`, label: "UNIX sockets", description: count(unix.length, "listener"), icon: { id: "file-symlink-directory" }, context: "detail", children: unix }];
  return {
    id,
    label: netns.isInit ? "host namespace" : netns.name,
    description: `net:[${netns.inode}] · somaxconn ${known(limits.somaxconn)}`,
    icon: { id: netns.isInit ? "globe" : "package" },
    context: "netns",
    tooltip: limitsText(limits),
    expanded: true,
    children: [
      ...sorted.flatMap((listener, index) => (isQuietUnix(listener) ? [] : [rowOf(listener, index)])),
      ...quiet,
      ...counterRows(id, space.change),
      limitsRow(id, limits),
    ],
  };
}

/** There are many of them, and mostly nothing is the matter. */
const isQuietUnix = ({ protocol, verdict }: Listener): boolean => protocol === "unix" && verdict.health === "ok";

type Space = ListenersSnapshot["namespaces"][number];

/** What rose since the last look, as far as it is a sign of trouble. */
function counterRows(id: string, change: Space["change"]): Row[] {
  const rates = change && change.seconds > 0 ? [...counterMeanings].filter(([name, { normal }]) => !normal && (change.deltas[name] ?? 0) > 0) : [];
  if (!change || rates.length === 0) return [];
  const delta = (name: string): number => change.deltas[name] ?? 0;
  return [{
    id: `${id}/counters`,
    label: "counters",
    description: `since the last look, ${durationText(change.seconds * 1000)} ago: ${rates.slice(0, 3).map(([name]) => `${shortCounter(name)} +${delta(name)}`).join(" · ")}${rates.length > 3 ? " …" : ""}`,
    icon: icons.number,
    context: "detail",
    children: rates.map(([name, { text }]) => detail(`${id}/counters/${name}`, name, `+${delta(name)} · ${rateText(delta(name) / change.seconds)} · ${text}`, escapeMarkdown(`${name}: ${text}`))),
  }];
}

const shortCounter = (name: string): string => name.replace(/^TcpExt/, "");

function limitsRow(id: string, limits: QueueLimits): Row {
  const rows = limitNames.map(([key, name, meaning]) => detail(`${id}/limits/${key}`, name, `${known(limits[key])} · ${meaning}`));
  return { ...detail(`${id}/limits`, "limits", limitNames.map(([key, name]) => `${name.replace(/^net\.\w+\./, "")} ${known(limits[key])}`).join(" · ")), icon: { id: "settings" }, children: rows };
}

const limitNames = [
  ["somaxconn", "net.core.somaxconn", "upper bound of a backlog at the time of listen()"],
  ["tcpMaxSynBacklog", "net.ipv4.tcp_max_syn_backlog", "bounds the handshakes in flight when SYN cookies are off"],
  ["tcpSyncookies", "net.ipv4.tcp_syncookies", "0: never, 1: when a SYN queue is full, 2: always"],
  ["tcpAbortOnOverflow", "net.ipv4.tcp_abort_on_overflow", "1: a handshake that finds the accept queue full is reset instead of ignored"],
] as const;

const severity: Record<ListenerHealth, number> = { full: 3, warning: 2, unknown: 1, ok: 0 };

const healthIcons: Record<ListenerHealth, RowIcon> = { full: icons.error, warning: icons.warning, unknown: icons.unknown, ok: icons.ok };

function listenerRow(id: string, host: string, listener: Listener, limits: QueueLimits, baseline: DropBaseline): Row {
  const drops = baseline.since(listener);
  const label = `${endpointText(listener.local)}${listener.processes.length > 0 ? ` ${processText(listener.processes)}` : ""}`;
  return {
    id,
    label,
    description: listenerSummary(listener, drops),
    icon: healthIcons[listener.verdict.health],
    tooltip: `**${escapeMarkdown(label)}**\n\n${escapeMarkdown(listener.verdict.text)}`,
    spoken: `${label}, ${listener.verdict.health}, ${listener.verdict.text}`,
    context: "listener",
    subject: { kind: "listener", host, listener },
    children: listenerDetails(id, listener, limits, drops),
  };
}

/** `accept 129/129 full · SYN 40 · drops +12`. An accept queue holds one more than its limit, so that is what it is full at. */
export function listenerSummary(listener: Listener, dropsSinceConnect: number | undefined): string {
  const accept = `accept ${known(listener.acceptQueue.length)}/${known(capacity(listener.acceptQueue.limit))}${fullText(listener.acceptQueue)}`;
  const syn = listener.protocol === "tcp" && listener.synQueue.length !== 0 ? [`SYN ${known(listener.synQueue.length)}${fullText(listener.synQueue)}`] : [];
  const drops = dropsSinceConnect === 0 ? [] : [`drops ${dropsSinceConnect === undefined ? "?" : `+${dropsSinceConnect}`}`];
  return listener.protocol === "tcp" ? [accept, ...syn, ...drops].join(" · ") : `${listener.protocol} · ${accept}`;
}

/** Both queues are full beyond their limit. */
const fullText = ({ length = 0, limit = Infinity }: Queue): string => (length > limit ? " full" : "");

const capacity = (limit: number | undefined): number | undefined => (limit === undefined ? undefined : limit + 1);

function listenerDetails(id: string, listener: Listener, limits: QueueLimits, drops: number | undefined): Row[] {
  const { acceptQueue, verdict } = listener;
  return [
    {
      id: `${id}/verdict`, label: verdict.text, icon: healthIcons[verdict.health], tooltip: escapeMarkdown(verdict.text), context: "detail",
      children: verdict.evidence.map((text, at): Row => ({ id: `${id}/verdict/${at}`, label: text, icon: { id: "note" }, tooltip: escapeMarkdown(text), context: "detail" })),
    },
    detail(`${id}/accept`, "accept queue", `${known(acceptQueue.length)} waiting · limit ${limitWords(listener, limits)}`, `${acceptTooltip}\n\n${escapeMarkdown(limitText(acceptQueue, limits))}`),
    ...(listener.protocol === "tcp" ? tcpDetails(id, listener, drops) : []),
    ...processRows(id, listener),
    ...(listener.interface === undefined ? [] : [detail(`${id}/interface`, "interface", listener.interface)]),
    ...(listener.cgroup === undefined ? [] : [detail(`${id}/cgroup`, "cgroup", listener.cgroup)]),
    detail(`${id}/owner`, "socket", `uid ${known(listener.uid)} · inode ${known(listener.inode)}`),
  ];
}

function tcpDetails(id: string, listener: Listener, drops: number | undefined): Row[] {
  const { synQueue, handshakes } = listener;
  return [
    {
      ...detail(`${id}/syn`, "SYN queue", `${known(synQueue.length)} in handshake · limit ${known(synQueue.limit)}${listener.shared ? " · shared by all listeners of this port" : ""}`, synTooltip),
      ...(handshakes.length > 0 ? { children: handshakes.map((entry, index) => detail(`${id}/syn/${index}`, endpointText(entry.remote), "SYN-RECV")) } : {}),
    },
    detail(`${id}/drops`, "drops", `${drops === undefined ? "?" : `+${drops}`} since connect · ${known(listener.drops)} in all`, dropsTooltip),
  ];
}

function limitWords(listener: Listener, limits: QueueLimits): string {
  const { limit } = listener.acceptQueue;
  if (limit === undefined) return "?";
  if (listener.verdict.limitedBy === "somaxconn") return `${limit}, set by net.core.somaxconn (${known(limits.somaxconn)})`;
  if (listener.verdict.limitedBy === "backlog") return `${limit}, set by the program's listen() backlog`;
  return String(limit);
}

function processRows(id: string, listener: Listener): Row[] {
  if (listener.processes.length === 0) return [detail(`${id}/process`, "process", listener.ownersUnasked ? "being read…" : "? (not found, or not visible to this user)")];
  return listener.processes.map((process, index): Row => ({
    ...detail(`${id}/process/${index}`, `${process.name}[${process.pid}]`, `fd ${process.fd}`),
    icon: icons.process,
  }));
}

const detail = (id: string, label: string, description: string, tooltip?: string): Row => ({
  id, label, description, icon: icons.number, context: "detail", ...(tooltip === undefined ? {} : { tooltip }),
});

const acceptTooltip = "Connections that are established and wait for `accept()`. The queue holds one more than its limit, `min(backlog, net.core.somaxconn)` at the time of `listen()`.";
const synTooltip = "Handshakes that wait for the last ACK, counted as SYN-RECV sockets of this address and port.";
const dropsTooltip = "Everything this listener dropped (`sk_drops`): a full accept queue, a full SYN queue, no memory, no route.";

const limitsText = (limits: QueueLimits): string => limitNames.map(([key, name]) => `- ${inlineCode(name)} ${known(limits[key])}`).join("\n");
