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
}

export interface ExitStatus {
  /** undefined when a signal ended it or the link was lost before an answer. */
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
