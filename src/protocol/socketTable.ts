/** What the socket table's webview and the extension say to each other. */

export const socketColumns = [
  { id: "netns", title: "Namespace", numeric: false, shown: false },
  { id: "protocol", title: "Protocol", numeric: false, shown: true },
  { id: "state", title: "State", numeric: false, shown: true },
  { id: "local", title: "Local", numeric: false, shown: true },
  { id: "remote", title: "Remote", numeric: false, shown: true },
  { id: "recvQ", title: "Recv-Q", numeric: true, shown: true },
  { id: "sendQ", title: "Send-Q", numeric: true, shown: true },
  { id: "process", title: "Process", numeric: false, shown: true },
  { id: "timer", title: "Timer", numeric: false, shown: true },
  { id: "rtt", title: "RTT (ms)", numeric: true, shown: true },
  { id: "cwnd", title: "Cwnd", numeric: true, shown: true },
  { id: "retransmits", title: "Retransmits", numeric: true, shown: true },
  { id: "congestion", title: "Congestion", numeric: false, shown: false },
  { id: "drops", title: "Drops", numeric: true, shown: false },
  { id: "uid", title: "Uid", numeric: true, shown: false },
  { id: "inode", title: "Inode", numeric: true, shown: false },
  { id: "cookie", title: "Cookie", numeric: false, shown: false },
  { id: "mark", title: "Mark", numeric: true, shown: false },
  { id: "interface", title: "Interface", numeric: false, shown: false },
  { id: "cgroup", title: "Cgroup", numeric: false, shown: false },
] as const;

export type SocketColumnId = (typeof socketColumns)[number]["id"];

/** One cell for each of `socketColumns`, in that order. null is “not known”, never zero. */
export type SocketCells = readonly (string | number | null)[];

export interface SocketTableData {
  readonly host: string;
  readonly filter: string;
  /** Milliseconds since the epoch. */
  readonly takenAt: number;
  /** How they were read, and what could not be read, in words. */
  readonly notes: readonly string[];
  readonly rows: readonly SocketCells[];
}

/** Headed groups of names and values: socket, tcp_info, memory. */
export type SocketDetails = readonly { readonly title: string; readonly fields: readonly (readonly [name: string, value: string])[] }[];

export interface ExtensionMethods {
  /** The table as it is now: asked when the page has loaded. */
  readonly load: { readonly params: undefined; readonly result: SocketTableData };
  /** Asks the host again. Fails with a sentence for the user. */
  readonly query: { readonly params: { readonly filter: string }; readonly result: SocketTableData };
  readonly details: { readonly params: { readonly row: number }; readonly result: SocketDetails };
  /** Saves the rows of these indexes in this order. false: the user thought better of it. */
  readonly export: { readonly params: { readonly format: "csv" | "json"; readonly rows: readonly number[] }; readonly result: boolean };
  readonly copy: { readonly params: { readonly text: string }; readonly result: undefined };
}

export interface PageMethods {
  /** New data that the page did not ask for: a refresh by command. */
  readonly show: { readonly params: SocketTableData; readonly result: undefined };
}
