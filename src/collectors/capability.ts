/** What a face may do about a problem. Nothing of it runs without the user's yes. */
export interface Remedy {
  /** Imperative, short: “Load module tcp_diag”. */
  readonly title: string;
  /** The exact command line that would run, or that the user should run. Run through a Command with these words, never through this text. */
  readonly command?: string;
  readonly argv?: readonly [string, ...string[]];
  /** true: it changes the host, so faces ask first. */
  readonly changesHost: boolean;
  /** What it costs or risks, when it does. */
  readonly price?: string;
}

/** One thing that can or cannot be done on a host, and why. `knetscope doctor` prints these. */
export interface Capability {
  /** Stable: `ssh`, `root`, `sock-diag`, `tcp-diag`, `bpftrace`, `kprobes`, `btf`, `debuginfo`, `source` … */
  readonly id: string;
  readonly title: string;
  readonly ok: boolean;
  /** One sentence. Present when `ok` is false; may say something useful when it is true. */
  readonly reason?: string;
  readonly remedy?: Remedy;
}

/** A problem in words, for the Findings view. */
export interface Finding {
  /** Stable kind, e.g. `tcp-diag-missing`, `accept-queue-overflow`. */
  readonly id: string;
  readonly severity: "error" | "warning" | "info";
  readonly title: string;
  readonly detail: string;
  /** Facts, each a short sentence with its numbers. Never empty. */
  readonly evidence: readonly string[];
  readonly remedy?: Remedy;
  /** Where the kernel decides it: function and file. */
  readonly citation?: string;
  /** `listenerKey` of the listener that it is about, when there is just one. */
  readonly listener?: string;
}
