/** A remote command as a value. It is composed as an array and quoted in one place, `shellQuote`. */
export interface Command {
  readonly argv: readonly [string, ...string[]];
  /** Bytes for standard input; then it is closed. Without it standard input is empty. */
  readonly stdin?: Uint8Array;
  /** `root`: directly when we are root, else through sudo. Default `user`. */
  readonly privilege?: "root" | "user";
  readonly env?: Readonly<Record<string, string>>;
  /** The command is ended on the target and fails with `target/timeout`. Milliseconds, default 30 000 for `run`, none for `start`. */
  readonly timeoutMs?: number;
  /** Asks the command to end, each second for five seconds before KILL. `perf record` wants INT. Default TERM. */
  readonly stopSignal?: "TERM" | "INT";
  /** A link that is silent for so long ends it. Less than the default (7 s) is for what takes long to take back, or weighs on the host meanwhile. */
  readonly leaseSeconds?: number;
  /**
   * Commands that undo what this one (or its preparation) changes on the target: firewall rules, tracefs
   * instances, temporary files. They run there with the same privilege after it has ended, in order,
   * whatever ended it: us, a lost link, a killed editor. Their output and failures are ignored.
   */
  readonly undo?: readonly (readonly [string, ...string[]])[];
}

export interface ExitStatus {
  /** As a shell gives it (128 + N for signal N). undefined when the link was lost before an answer. */
  readonly code?: number;
  readonly signal?: string;
}

export interface CommandResult extends ExitStatus {
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/** POSIX shell quoting of one word. */
export function shellQuote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The command as a person would type it, and as a POSIX shell reads it. */
export const shellLine = (argv: readonly string[]): string => argv.map(shellQuote).join(" ");

/** A script for the target's `/bin/sh`; arguments arrive as `$1`… and are never part of the script's text. */
export function shellScript(script: string, args: readonly string[] = []): Command["argv"] {
  return ["sh", "-c", script, "knetscope", ...args];
}
