import type { Explanation } from "../knowledge/cause";
import type { StackFrame } from "../stacks/stack";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";
import type { Endpoint, TcpState } from "./socketModel";

/** One RST that this host sent, as the tracer saw it. */
export interface ResetEvent {
  /** `passive`: the answer to a packet (tcp_v4_send_reset, tcp_v6_send_reset); `active`: tcp_send_active_reset. */
  readonly kind: "passive" | "active";
  readonly family: "ipv4" | "ipv6";
  /** From the socket; absent when there was none. A listener's remote is `0.0.0.0:0`. */
  readonly socket?: ResetSocket;
  /** From the packet that provoked it: its source is the peer. Absent for active resets. */
  readonly packet?: {
    readonly source: Endpoint;
    readonly destination: Endpoint;
    /** `SYN`, `ACK`, … in the order of the header. */
    readonly flags: readonly string[];
    readonly seq: number;
    readonly ack: number;
    /** Bytes of data it carries; undefined when its headers do not say. */
    readonly payload?: number;
  };
  /** enum sk_rst_reason by the name of the target's own BTF, without its prefix, where the kernel has it. */
  readonly reason?: string;
  /** Who was on the CPU. In a softirq this is whoever was interrupted, not the owner: `isOwner` says which. */
  readonly process: { readonly pid: number; readonly name: string; readonly isOwner: boolean };
  /** Inode of the network namespace. */
  readonly netns?: number;
  readonly stack: readonly StackFrame[];
}

/** The socket at the moment of the reset. Closing sockets are `UNCONN` by then: the state is set before the segment is sent. */
export interface ResetSocket {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly state: TcpState;
  /** false once no process holds the socket any more. Not known of the small sockets of TIME-WAIT and NEW-SYN-RECV, like the next two. */
  readonly hasOwner?: boolean;
  /** TCP_LINGER2 in clock ticks; negative: the application does not want to wait for the peer's FIN. */
  readonly linger2?: number;
  /** RCV_SHUTDOWN 1, SEND_SHUTDOWN 2. */
  readonly shutdown?: number;
  /** Of a TIME-WAIT entry: the state it stands for. */
  readonly substate?: TcpState;
}

/** Events that share a stack, cause and endpoints without the peer's ephemeral port. */
export interface ResetGroup {
  /** Stable while the trace lives. */
  readonly key: string;
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** The newest event of the group. */
  readonly event: ResetEvent;
  readonly explanation: Explanation;
  /** Resolved against the debuginfo of the running build; statuses say what could not be. */
  readonly stack: readonly ResolvedFrame[];
}

export type TraceState = "starting" | "running" | "stopping" | "ended" | "failed";

export interface TraceSummary {
  readonly state: TraceState;
  readonly events: number;
  /** Events the target's buffers lost; said, never hidden. */
  readonly lost: number;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** The tracer's own words when it failed, and other diagnostics. */
  readonly messages: readonly string[];
}

export interface ResetTraceOptions {
  /** Ends by itself after this time. Milliseconds. */
  readonly durationMs?: number;
  /** Filters in the kernel: a port that must be the local or the remote one. */
  readonly port?: number;
}
