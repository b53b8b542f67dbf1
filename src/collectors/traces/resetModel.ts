import type { TracedEvent, TracedProcess } from "./traceModel";
import type { ResetKind } from "../../knowledge/resetFacts";
import type { Endpoint, TcpState } from "../socketModel";

/** One RST that this host sent, or handled when that was asked for, as the tracer saw it. */
export interface ResetEvent extends TracedEvent {
  readonly type: "reset";
  readonly kind: ResetKind;
  readonly family: "ipv4" | "ipv6";
  /** From the socket; absent when there was none. A listener's remote is `0.0.0.0:0`. */
  readonly socket?: ResetSocket;
  /** From the packet that provoked it: its source is the peer. Of one that passes, the reset itself. Absent for active and received ones. */
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
  /** Of the packet that provoked it, where connection tracking is at work: `none` is how it marks what is INVALID, which NAT then passes over. */
  readonly conntrack?: "none" | "entry" | "untracked";
  /** A connection of this host with the same peer, when the packet itself fits none. */
  readonly nearby?: { readonly local: Endpoint; readonly remote: Endpoint; readonly state: string };
  /** enum sk_rst_reason by the name of the target's own BTF, without its prefix, where the kernel has it. */
  readonly reason?: string;
  readonly process: TracedProcess;
  /** false: the tool could not read the packet, so that its absence means nothing. Default true. */
  readonly complete?: boolean;
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
