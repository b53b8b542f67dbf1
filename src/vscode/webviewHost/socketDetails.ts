import type { SocketRow } from "../../collectors/socketModel";
import type { SocketDetails } from "../../protocol/socketTable";
import { tableColumns, type SocketColumnId } from "../../protocol/tableColumns";
import { listenerInfo, sizeText, tcpInfoText } from "../../sockdiag/tcpInfoText";
import { cellOf } from "./socketCells";

type Field = readonly [name: string, value: string];

/** Fields that have a group or a column of their own. */
const told = new Set<string>([
  "netns", "family", "protocol", "state", "local", "remote", "recvQ", "sendQ", "uid", "inode", "cookie", "timer", "processes", "info", "memory", "congestion", "congestionInfo", "mark", "cgroup", "cgroupPath", "interface", "interfaceIndex", "shutdown", "type", "options", "peerInode", "peerProcesses",
] satisfies (keyof SocketRow)[]);

/** Columns whose values stand below with all of their kind. */
const elsewhere: ReadonlySet<SocketColumnId> = new Set(["subflows", "token", "groups", "queue", "rings", "umem"]);

/** Everything that is known of one socket, with units. */
export function socketDetails(row: SocketRow): SocketDetails {
  const socket = tableColumns.filter(({ id }) => !elsewhere.has(id)).flatMap(({ id, title }): Field[] => {
    const value = cellOf[id](row);
    return value === undefined || value === "" ? [] : [[title, String(value)]];
  });
  const more = Object.entries(row).filter(([name]) => !told.has(name)).flatMap(([name, value]) => flatten(name, value));
  const groups = [
    { title: "Socket", fields: [...socket, ...shutdownField(row)] },
    { title: "Processes", fields: row.processes.map(({ name, pid, fd }): Field => [`${name}[${pid}]`, `fd ${fd}`]) },
    { title: infoTitle(row), fields: infoFields(row) },
    { title: `Congestion control ${row.congestion ?? ""}`.trim(), fields: flatten("", row.congestionInfo) },
    { title: "Memory", fields: Object.entries(row.memory ?? {}).map(([name, value]): Field => [name, name === "drops" ? String(value) : sizeText(value)]) },
    { title: "More", fields: more },
  ];
  return groups.filter((group) => group.fields.length > 0);
}

function infoFields({ info = {}, state, protocol }: SocketRow): Field[] {
  const fields = Object.entries(info);
  if (state === "LISTEN" && protocol === "tcp") return fields.map(([name, value]) => listenerInfo(name, value)).filter((field) => field !== undefined);
  return fields.map(([name, value]): Field => [name.replace(/^\w*tc?pi_/, ""), tcpInfoText(name, value)]);
}

/** The kernel's structure of the protocol. */
const infoTitle = ({ protocol }: SocketRow): string => (protocol === "mptcp" || protocol === "sctp" ? `${protocol}_info` : "tcp_info");

function shutdownField({ shutdown }: SocketRow): Field[] {
  const sides = ["receiving", "sending"].filter((_, bit) => (shutdown ?? 0) & (1 << bit));
  return sides.length === 0 ? [] : [["Shut down", sides.join(" and ")]];
}

/** `tls version`, `options`: a list stands in one line, a structure has a line for each of its fields. */
function flatten(name: string, value: unknown): Field[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.length === 0 ? [] : [[name, value.map(plainText).join(" ")]];
  if (typeof value === "object" && value !== null) return Object.entries(value).flatMap(([key, inner]) => flatten(`${name} ${key}`.trim(), inner));
  return [[name, plainText(value)]];
}

const plainText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
