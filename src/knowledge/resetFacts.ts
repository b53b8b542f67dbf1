import type { SourcePlace } from "../stacks/stack";

/**
 * `passive`: the answer to a packet (tcp_v4_send_reset, tcp_v6_send_reset, REJECT); `active`: tcp_send_active_reset; `received`: tcp_reset. The others leave past TCP:
 * `forwarded` for another host, `raw` out of a raw socket.
 */
export const resetKinds = ["passive", "active", "received", "forwarded", "raw"] as const;
export type ResetKind = (typeof resetKinds)[number];

interface Place {
  readonly address: string;
  readonly port?: number;
}

/** What the rules look at in a reset. `ResetEvent` has all of it; a recorded stack has `kind` at most. */
export interface ResetFacts {
  readonly kind: ResetKind;
  /** undefined: there was none. Whether that is known at all, `complete` tells. */
  readonly socket?: {
    /** As `ss` writes it: `LISTEN`, `SYN-SENT`, `UNCONN`… */
    readonly state: string;
    /** false once no process holds the socket any more. */
    readonly hasOwner?: boolean;
    /** TCP_LINGER2 in clock ticks. */
    readonly linger2?: number;
    /** Of a TIME-WAIT socket: the state it stands for, `FIN-WAIT-2` or `TIME-WAIT`. */
    readonly substate?: string;
  };
  readonly packet?: {
    readonly flags: readonly string[];
    readonly source?: Place;
    readonly destination?: Place;
    /** Bytes of data. */
    readonly payload?: number;
  };
  readonly conntrack?: "none" | "entry" | "untracked";
  readonly nearby?: { readonly local: Place; readonly remote: Place; readonly state: string };
  /** enum sk_rst_reason without its prefix, such as `TCP_STATE`. */
  readonly reason?: string;
  readonly process?: { readonly pid: number; readonly name: string; readonly isOwner: boolean };
  /** false: only a stack was recorded, so an absent socket or packet means nothing. Default true. */
  readonly complete?: boolean;
}

/** One frame of the stack with the functions at its address; `ResolvedFrame` is one. */
export interface ChainFrame {
  readonly symbol?: string;
  readonly frames: readonly { readonly function: string; readonly source?: SourcePlace; readonly inlined: boolean }[];
}

/** A line of the kernel's source, without its line end; from 1. undefined when it is not at hand. */
export type SourceText = (file: string, line: number) => string | undefined;
