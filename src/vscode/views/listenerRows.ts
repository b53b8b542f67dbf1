import { describeError } from "../../base/errors";
import type { Listener, ListenerHealth, ListenersSnapshot, NetworkNamespace, QueueLimits } from "../../collectors/socketModel";
import { adviceFor } from "../../session/advice";
import { type DropBaseline, listenerKey } from "../listeners/dropBaseline";
import type { HostListeners } from "../listeners/listenersService";
import { escapeMarkdown, inlineCode } from "./markdown";
import { icons, type Row, type RowIcon } from "./row";
import { clockText, count, endpointText, known, processText } from "./words";

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
  return `${count(snapshot.listeners.length, "listener")} · ${clockText(snapshot.takenAt)}${source}`;
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
  const limitsOf = new Map(snapshot.namespaces.map((item) => [item.netns.inode, item.limits]));
  const notes = snapshot.notes.map((note, index): Row => ({ id: `note:${host}/${index}`, label: note, icon: icons.info, tooltip: escapeMarkdown(note) }));
  const namespaces = [...byNamespace.values()].sort((a, b) => Number(b.netns.isInit) - Number(a.netns.isInit) || a.netns.name.localeCompare(b.netns.name));
  return [...namespaces.map((entry) => namespaceRow(host, entry, limitsOf.get(entry.netns.inode) ?? {}, baseline)), ...notes];
}

function namespaceRow(host: string, entry: { netns: NetworkNamespace; listeners: Listener[] }, limits: QueueLimits, baseline: DropBaseline): Row {
  const { netns } = entry;
  const id = `netns:${host}/${netns.inode}`;
  const sorted = [...entry.listeners].sort((a, b) => severity[b.verdict.health] - severity[a.verdict.health] || (a.local.port ?? 0) - (b.local.port ?? 0));
  return {
    id,
    label: netns.isInit ? "host namespace" : netns.name,
    description: `net:[${netns.inode}] · somaxconn ${known(limits.somaxconn)}`,
    icon: { id: netns.isInit ? "globe" : "package" },
    context: "netns",
    tooltip: limitsText(limits),
    expanded: true,
    // Two listeners may share a key (SO_REUSEPORT without inodes): the index tells them apart.
    children: sorted.map((listener, index) => listenerRow(`${id}/${listenerKey(listener)}/${index}`, host, listener, limits, baseline)),
  };
}

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
  const accept = `accept ${known(listener.acceptQueue.length)}/${known(capacity(listener.acceptQueue.limit))}${listener.verdict.health === "full" ? " full" : ""}`;
  const syn = listener.protocol === "tcp" && listener.synQueue.length !== 0 ? [`SYN ${known(listener.synQueue.length)}`] : [];
  const drops = dropsSinceConnect === 0 ? [] : [`drops ${dropsSinceConnect === undefined ? "?" : `+${dropsSinceConnect}`}`];
  return [...(listener.protocol === "tcp" ? [] : [listener.protocol]), accept, ...syn, ...drops].join(" · ");
}

const capacity = (limit: number | undefined): number | undefined => (limit === undefined ? undefined : limit + 1);

function listenerDetails(id: string, listener: Listener, limits: QueueLimits, drops: number | undefined): Row[] {
  const { acceptQueue, synQueue, verdict, handshakes } = listener;
  return [
    { id: `${id}/verdict`, label: verdict.text, icon: healthIcons[verdict.health], tooltip: escapeMarkdown(verdict.text), context: "detail" },
    detail(`${id}/accept`, "accept queue", `${known(acceptQueue.length)} waiting · limit ${limitText(listener, limits)}`, acceptTooltip),
    {
      ...detail(`${id}/syn`, "SYN queue", `${known(synQueue.length)} in handshake · limit ${known(synQueue.limit)}${listener.shared ? " · shared by all listeners of this port" : ""}`, synTooltip),
      ...(handshakes.length > 0 ? { children: handshakes.map((entry, index) => detail(`${id}/syn/${index}`, endpointText(entry.remote), "SYN-RECV")) } : {}),
    },
    detail(`${id}/drops`, "drops", `${drops === undefined ? "?" : `+${drops}`} since connect · ${known(listener.drops)} in all`, dropsTooltip),
    ...processRows(id, listener),
    ...(listener.interface === undefined ? [] : [detail(`${id}/interface`, "interface", listener.interface)]),
    ...(listener.cgroup === undefined ? [] : [detail(`${id}/cgroup`, "cgroup", listener.cgroup)]),
    detail(`${id}/owner`, "socket", `uid ${known(listener.uid)} · inode ${known(listener.inode)}`),
  ];
}

function limitText(listener: Listener, limits: QueueLimits): string {
  const { limit } = listener.acceptQueue;
  if (limit === undefined) return "?";
  if (listener.verdict.limitedBy === "somaxconn") return `${limit}, set by net.core.somaxconn (${known(limits.somaxconn)})`;
  if (listener.verdict.limitedBy === "backlog") return `${limit}, set by the program's listen() backlog`;
  return String(limit);
}

function processRows(id: string, listener: Listener): Row[] {
  if (listener.processes.length === 0) return [detail(`${id}/process`, "process", "? (not found, or not visible to this user)")];
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

function limitsText(limits: QueueLimits): string {
  const rows: [string, number | undefined][] = [
    ["net.core.somaxconn", limits.somaxconn], ["net.ipv4.tcp_max_syn_backlog", limits.tcpMaxSynBacklog],
    ["net.ipv4.tcp_syncookies", limits.tcpSyncookies], ["net.ipv4.tcp_abort_on_overflow", limits.tcpAbortOnOverflow],
  ];
  return rows.map(([name, value]) => `- ${inlineCode(name)} ${known(value)}`).join("\n");
}
