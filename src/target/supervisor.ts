import { DomainError } from "../base/errors";
import type { Command } from "./command";
import { shellLine, shellQuote } from "./command";
import { supervisorScript } from "./supervisorScript";

/** Seconds without a renewal after which the target ends a command, and how often we renew. */
export interface Lease {
  readonly seconds: number;
  readonly renewMs: number;
}

/**
 * A link that goes silent is noticed by nobody but the clock: ten seconds later nothing of ours is to be left there, and to end a command and to undo what it
 * changed takes a slow target two or three of them. Six seconds is how long a link may stumble, which is five retransmissions of TCP.
 */
export const defaultLease: Lease = { seconds: 7, renewMs: 1_000 };

/** What a command asks for itself can only be less; it is renewed four times meanwhile at least. */
export const leaseOf = ({ leaseSeconds }: Command, { seconds, renewMs }: Lease): Lease =>
  leaseSeconds === undefined || leaseSeconds >= seconds ? { seconds, renewMs } : { seconds: leaseSeconds, renewMs: Math.min(renewMs, leaseSeconds * 250) };

export const renewLine = "renew\n";
export const stopLine = "stop\n";

/** Linux refuses a single argument of 128 KiB (MAX_ARG_STRLEN), and sshd hands the whole line to a shell as one. */
const longestLine = 120_000;

const undoLine = (undo: Command["undo"]): string => (undo ?? []).map(shellLine).join("\n");

function environmentLine(env: Command["env"]): string {
  const entries = Object.entries(env ?? {});
  for (const [name] of entries) {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new DomainError("target/bad-environment", `not the name of an environment variable: ${name}`);
  }
  return entries.length === 0 ? "" : `export ${entries.map(([name, value]) => `${name}=${shellQuote(value)}`).join(" ")}`;
}

/** The command under the supervisor. `prefix` (sudo …) comes before, so that the supervisor has its rights. */
export function supervisedArgv(command: Command, lease: Lease, prefix: readonly string[] = []): readonly [string, ...string[]] {
  const options = [
    String(lease.seconds),
    command.stopSignal ?? "TERM",
    String(command.stdin?.length ?? 0),
    environmentLine(command.env),
    undoLine(command.undo),
  ];
  const [first, ...rest] = [...prefix, "sh", "-c", supervisorScript, "knetscope", ...options, ...command.argv];
  const argv: readonly [string, ...string[]] = [first ?? "sh", ...rest];
  if (Buffer.byteLength(shellLine(argv)) > longestLine) {
    throw new DomainError("target/command-too-long", "the command line is longer than Linux takes", command.argv[0]);
  }
  return argv;
}

/** What the supervisor wants to read first. `password` is for a sudo before it, which may leave it unread. */
export function supervisorInput(command: Command, password?: string): Uint8Array {
  const head = `${password === undefined ? "" : `${password}\n`}knetscope-begin\n`;
  return Buffer.concat([Buffer.from(head), command.stdin ?? new Uint8Array()]);
}

/** The program's name when the supervisor says, in the first line of standard error, that there is no such program. */
export function missingProgram(code: number | undefined, stderr: string): string | undefined {
  return code === 127 ? /^knetscope: command not found: (.*)$/m.exec(stderr)?.[1] : undefined;
}
