/** What a socket table can ask for, and the columns that say something of it. */

export const tableProtocols = [
  { id: "tcp", title: "TCP" },
  { id: "udp", title: "UDP" },
  { id: "udplite", title: "UDP-Lite" },
  { id: "raw", title: "RAW" },
  { id: "sctp", title: "SCTP" },
  { id: "mptcp", title: "MPTCP" },
  { id: "unix", title: "UNIX" },
  { id: "netlink", title: "NETLINK" },
  { id: "packet", title: "PACKET" },
  { id: "vsock", title: "VSOCK" },
  { id: "xdp", title: "XDP" },
] as const;

export type TableProtocol = (typeof tableProtocols)[number]["id"];

export const defaultProtocols: readonly TableProtocol[] = ["tcp", "udp"];

interface Column {
  readonly id: string;
  readonly title: string;
  readonly numeric: boolean;
  /** Whose sockets can have it. */
  readonly of: readonly TableProtocol[];
  /** Of which protocols it is shown before the user chooses. */
  readonly shownFor: readonly TableProtocol[];
}

const all = tableProtocols.map(({ id }) => id);
const inet = ["tcp", "udp", "udplite", "raw", "sctp", "mptcp"] as const;
const addressed = [...inet, "netlink", "packet", "vsock", "unix"] as const;

const column = <Id extends string>(id: Id, title: string, of: readonly TableProtocol[], shownFor: readonly TableProtocol[], numeric = false): Column & { readonly id: Id } => ({ id, title, numeric, of, shownFor });
const number = <Id extends string>(id: Id, title: string, of: readonly TableProtocol[], shownFor: readonly TableProtocol[]): Column & { readonly id: Id } => column(id, title, of, shownFor, true);

/** In the order in which they stand. */
export const tableColumns = [
  column("netns", "Namespace", all, []),
  column("protocol", "Protocol", all, all),
  column("type", "Type", ["unix", "netlink", "packet", "vsock", "sctp"], ["unix", "packet", "sctp"]),
  column("state", "State", [...inet, "unix", "vsock"], [...inet, "unix", "vsock"]),
  column("local", "Local", addressed, addressed),
  column("remote", "Remote", [...inet, "netlink", "vsock"], [...inet, "vsock"]),
  column("peer", "Peer", ["unix"], ["unix"]),
  number("recvQ", "Recv-Q", all, all.filter((id) => id !== "xdp")),
  number("sendQ", "Send-Q", all, all.filter((id) => id !== "xdp")),
  column("process", "Process", all, all),
  column("timer", "Timer", ["tcp", "sctp", "mptcp"], ["tcp", "sctp"]),
  number("rtt", "RTT (ms)", ["tcp"], ["tcp"]),
  number("cwnd", "Cwnd", ["tcp"], ["tcp"]),
  number("retransmits", "Retransmits", ["tcp", "sctp", "mptcp"], ["tcp", "sctp", "mptcp"]),
  column("congestion", "Congestion", ["tcp", "mptcp"], []),
  number("subflows", "Subflows", ["mptcp"], ["mptcp"]),
  column("token", "Token", ["mptcp"], ["mptcp"]),
  column("groups", "Groups", ["netlink"], ["netlink"]),
  number("queue", "Queue", ["xdp"], ["xdp"]),
  column("rings", "Rings", ["packet", "xdp", "netlink"], ["xdp"]),
  number("umem", "UMEM (bytes)", ["xdp"], ["xdp"]),
  number("drops", "Drops", all.filter((id) => id !== "vsock"), ["netlink", "packet"]),
  number("uid", "Uid", all.filter((id) => id !== "netlink" && id !== "vsock"), []),
  number("inode", "Inode", all, []),
  column("cookie", "Cookie", all, []),
  number("mark", "Mark", inet, []),
  column("interface", "Interface", [...inet, "packet", "xdp"], ["packet", "xdp"]),
  column("cgroup", "Cgroup", inet, []),
  column("options", "Options", inet, []),
] as const;

export type SocketColumnId = (typeof tableColumns)[number]["id"];

const byId: ReadonlyMap<string, Column> = new Map(tableColumns.map((one) => [one.id, one]));

/** @throws RangeError for what is no column. */
export function columnOf(id: SocketColumnId): Column {
  const found = byId.get(id);
  if (!found) throw new RangeError(`no column ${id}`);
  return found;
}

export const isColumn = (id: unknown): id is SocketColumnId => typeof id === "string" && byId.has(id);

/** Columns that say something of one of these protocols. */
export const columnsOf = (protocols: readonly TableProtocol[]): readonly SocketColumnId[] => chosen(({ of }) => of, protocols);

/** Those of them to begin with. */
export const firstColumns = (protocols: readonly TableProtocol[]): readonly SocketColumnId[] => chosen(({ shownFor }) => shownFor, protocols);

const chosen = (list: (one: Column) => readonly TableProtocol[], protocols: readonly TableProtocol[]): readonly SocketColumnId[] =>
  tableColumns.filter((one) => list(one).some((id) => protocols.includes(id))).map(({ id }) => id);
