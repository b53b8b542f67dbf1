/** Sockets and listeners as the faces see them. undefined means “not known”, never zero. */
import type { FilterPlan } from "../sockdiag/filterPlan";
import type { Family, Protocol } from "../sockdiag/protocols";
import type { Finding } from "./capability";
import type { SocketTable } from "./socketTable";
import type { CounterChange } from "./counters";

export type { Family, Protocol };

/** TCP states by their kernel numbers, names as `ss` writes them. */
export const tcpStates = [
  "UNKNOWN", "ESTAB", "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "UNCONN",
  "CLOSE-WAIT", "LAST-ACK", "LISTEN", "CLOSING", "NEW-SYN-RECV", "BOUND-INACTIVE",
] as const;
export type TcpState = (typeof tcpStates)[number];

/** SOCK_* by number. */
export const socketTypes = [undefined, "stream", "dgram", "raw", "rdm", "seqpacket", "dccp", undefined, undefined, undefined, "packet"] as const;

export interface Endpoint {
  /** Text form: dotted quad, RFC 5952, a path, or `*`. */
  readonly address: string;
  /** undefined for address families without ports. */
  readonly port?: number;
}

export interface SocketProcess {
  readonly pid: number;
  readonly name: string;
  readonly fd: number;
}

export interface NetworkNamespace {
  /** Inode of the namespace, as `ls -l /proc/PID/ns/net` shows it; 0 when it is not known (sockets read from a file). */
  readonly inode: number;
  /** Name of /run/netns, a container `docker:web`, a process `nginx[812]`, `init` (that of the first process), or `own` when we may not know. */
  readonly name: string;
  /** A process that lives in it, where it was found by one. */
  readonly pid?: number;
  readonly isInit: boolean;
}

/** Limits of one namespace that decide about its queues. */
export interface QueueLimits {
  readonly somaxconn?: number;
  readonly tcpMaxSynBacklog?: number;
  readonly tcpSyncookies?: number;
  readonly tcpAbortOnOverflow?: number;
}

export interface Queue {
  /** Entries now. */
  readonly length?: number;
  /** The limit as set; an accept queue holds one more than its limit. */
  readonly limit?: number;
}

/** An entry of a SYN queue: the peer's last ACK has not come. */
export interface Handshake {
  readonly remote: Endpoint;
  /** How often the SYN-ACK was sent again. */
  readonly retransmits?: number;
}

export interface Listener {
  readonly netns: NetworkNamespace;
  readonly family: Family;
  readonly protocol: Protocol;
  readonly local: Endpoint;
  readonly acceptQueue: Queue;
  /** Handshakes in flight: SYN-RECV entries of this address and port. */
  readonly synQueue: Queue;
  /** SK_MEMINFO_DROPS: everything this listener ever dropped. */
  readonly drops?: number;
  /** Dropped since the snapshot this one was compared with. */
  readonly dropsSince?: number;
  readonly uid?: number;
  readonly inode?: number;
  /** Hex, as `ss -e` shows it after `sk:`; stays with the listener for its life. */
  readonly cookie?: string;
  /** A dual-stack socket (false) takes IPv4 connections too. Only of IPv6 listeners. */
  readonly v6Only?: boolean;
  readonly interface?: string;
  /** As in SocketRow. */
  readonly cgroup?: string;
  readonly processes: readonly SocketProcess[];
  /** Nobody has asked yet which processes hold it. */
  readonly ownersUnasked?: true;
  /** SYN-RECV entries themselves. */
  readonly handshakes: readonly Handshake[];
  /** Other listeners on the same address and port (SO_REUSEPORT): their SYN queue cannot be told apart. */
  readonly shared: boolean;
  readonly verdict: ListenerVerdict;
}

export type ListenerHealth = "ok" | "warning" | "full" | "unknown";

/** What is the matter: overflowing now, full, did overflow, SYN queue full (flood or lost answers), cookies that hide it, drops of another reason, nearly full. */
export type ListenerKind = "ok" | "unknown" | "overflowing" | "accept-queue-full" | "overflowed" | "syn-queue-full" | "cookies" | "dropped" | "filling";

export interface ListenerVerdict {
  readonly health: ListenerHealth;
  readonly kind: ListenerKind;
  /** One line in words, with the numbers it rests on. */
  readonly text: string;
  /** Which of backlog and somaxconn set the accept queue's limit, when it can be told. */
  readonly limitedBy?: "somaxconn" | "backlog";
  /** The facts it rests on, each a short sentence. */
  readonly evidence: readonly string[];
}

/** One look at all listeners of a host. */
export interface ListenersSnapshot {
  /** Milliseconds since the epoch, this machine's clock. */
  readonly takenAt: number;
  readonly listeners: readonly Listener[];
  readonly namespaces: readonly { readonly netns: NetworkNamespace; readonly limits: QueueLimits; readonly counters: Readonly<Record<string, number>>; readonly change?: CounterChange; readonly interfaces: readonly string[] }[];
  readonly source: SocketSource;
  readonly findings: readonly Finding[];
  /** What could not be read, in words: rights missing for processes, a namespace that vanished. */
  readonly notes: readonly string[];
}

/** How sockets were read, best first. `proc` cannot know limits. */
export type SocketSource = "sock_diag" | "ss -D" | "proc";

export interface SocketRow {
  readonly netns: NetworkNamespace;
  readonly family: Family;
  readonly protocol: Protocol;
  readonly state: string;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly recvQ?: number;
  readonly sendQ?: number;
  readonly uid?: number;
  readonly inode?: number;
  /** Hex, as `ss -e` shows it after `sk:`. */
  readonly cookie?: string;
  readonly timer?: { readonly name: string; readonly expiresMs: number; readonly retransmits: number };
  readonly processes: readonly SocketProcess[];
  /** struct tcp_info by the kernel's field names; 64-bit values as decimal strings. */
  readonly info?: Readonly<Record<string, number | string>>;
  /** SK_MEMINFO by the kernel's names. */
  readonly memory?: Readonly<Record<string, number>>;
  readonly congestion?: string;
  /** What the congestion control says about itself: vegas, dctcp or bbr. */
  readonly congestionInfo?: Readonly<Record<string, number | string>>;
  readonly tos?: number;
  readonly trafficClass?: number;
  readonly classId?: number;
  /** Bits: 1 receiving, 2 sending is shut down. */
  readonly shutdown?: number;
  readonly v6Only?: boolean;
  /** Names of the flags of struct inet_diag_sockopt that are set. */
  readonly options?: readonly string[];
  /** Upper-layer protocol: TLS, MPTCP. */
  readonly ulp?: { readonly name?: string; readonly tls?: Readonly<Record<string, number>>; readonly mptcp?: Readonly<Record<string, number>> };
  readonly mark?: number;
  /** `id:N` with the number of the cgroup, which is the inode of its folder. */
  readonly cgroup?: string;
  readonly interface?: string;
  /** Of the interface it is bound to, 0 for none. Absent where the source has no such number. */
  readonly interfaceIndex?: number;
  /** Inode of the other end, of unix sockets. */
  readonly peerInode?: number;
  /** Who holds that other end. */
  readonly peerProcesses?: readonly SocketProcess[];
  /** SOCK_*, of families that have several; SCTP's associations stand behind the socket they belong to. */
  readonly type?: (typeof socketTypes)[number] | "association";
  /** Path of the cgroup below the mount of cgroup2, where it was asked for. */
  readonly cgroupPath?: string;
  /** Of raw sockets: the IP protocol number. */
  readonly ipProtocol?: number;
  /** Peers with a TCP-MD5 key; the keys are not kept. */
  readonly md5?: readonly { readonly address: string; readonly prefixLength: number }[];
  /** SCTP: addresses of both sides, as `address:port`. */
  readonly locals?: readonly string[];
  readonly peers?: readonly string[];
  /** Bytes of socket storage of BPF programs. */
  readonly bpfStorageBytes?: number;
  /** Inodes of the sockets that wait in a unix listener. */
  readonly pending?: readonly number[];
  /** Of a unix socket bound to a path. */
  readonly file?: { readonly inode: number; readonly device: number };
  /** What only this family has: groups of netlink, rings of packet and XDP sockets, by the kernel's names. */
  readonly details?: Readonly<Record<string, number | string>>;
  /** INET_DIAG_* or UNIX_DIAG_* that are newer than this program, by number. */
  readonly unknownAttributes?: readonly number[];
  /** What of its attributes could not be read, in words. */
  readonly damage?: string;
}

export interface SocketsSnapshot {
  readonly takenAt: number;
  readonly sockets: SocketTable;
  /** Which part of the filter ran where. */
  readonly plan: FilterPlan;
  readonly source: SocketSource;
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
}
