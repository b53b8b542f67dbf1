/** Why a connection was reset. The ids are a contract with scripts; see README, “Causes of resets”. */
export const resetCauseIds = [
  "no-listener", "no-connection", "time-wait", "ack-to-listener", "bad-ack-in-syn-sent", "bad-ack-in-handshake",
  "syn-in-handshake", "accept-queue-full", "data-after-close", "close-with-unread-data", "linger-zero", "listener-closed",
  "disconnected", "destroyed", "keepalive-timeout", "fin-wait-timeout", "linger2-negative", "out-of-resources", "mptcp",
  "netfilter-reject", "nat-not-applied", "forwarded", "raw-socket", "received", "unknown",
] as const;

export type ResetCauseId = (typeof resetCauseIds)[number];

export type Confidence = "certain" | "likely" | "low";

/** A cause in words. */
export interface Cause<Id extends string = ResetCauseId> {
  readonly id: Id;
  /** At most eight words, for a tree row. */
  readonly title: string;
  /** Two or three sentences: what happened, who did it, what to look at next. */
  readonly detail: string;
  readonly confidence: Confidence;
  /** Normal work: nothing that anybody misses. */
  readonly expected?: boolean;
}

export interface Explanation<Id extends string = ResetCauseId> {
  readonly cause: Cause<Id>;
  /** Causes the evidence cannot exclude, likeliest first. */
  readonly alternatives: readonly Id[];
  /** Facts of this event that speak for the cause, each a short sentence. */
  readonly evidence: readonly string[];
  /** Where in the kernel this is decided: function, file and what to look for there. */
  readonly citation?: string;
}
