import { setMaxListeners } from "node:events";
import { InvalidArgumentError, type Command } from "commander";
import { describeError } from "../base/errors";
import { adviceFor } from "../session/advice";
import type { Host } from "../session/host";
import type { SocketHost } from "../session/socketQueries";
import { createOutput, type Output } from "./output";

/** Options that every subcommand that looks at a host understands. */
export interface HostFlags {
  readonly host: string;
  readonly json: boolean;
  readonly sshConfig?: string;
  readonly vmlinux?: string;
  readonly modules?: string;
  readonly debuginfod?: readonly string[];
  readonly source?: readonly string[];
  readonly yes: boolean;
}

export function addHostOptions(command: Command): Command {
  return command
    .option("--host <host>", "an alias of ~/.ssh/config, user@host[:port], or local (this machine)", "local")
    .option("--json", "one JSON object a line on stdout", false)
    .option("--ssh-config <file>", "instead of ~/.ssh/config")
    .option("-y, --yes", "agree to what would be asked: the small helper program on a bare host, closing sockets (--kill), rules that log or mark packets, interrupting the tracing of others", false);
}

export function addDebuginfoOptions(command: Command): Command {
  return command
    .option("--vmlinux <file>", "vmlinux with debuginfo, or a folder that has it")
    .option("--modules <dir>", "folder with the debuginfo of modules")
    .option("--debuginfod <url>", "server to ask for debuginfo, instead of $DEBUGINFOD_URLS; may be given several times", (url: string, others: readonly string[] | undefined) => [...(others ?? []), url])
    .option("--source <path>", "kernel source tree or tarball; may be given several times", (path: string, others: readonly string[] | undefined) => [...(others ?? []), path]);
}

/**
 * Connects, runs `body`, and cleans up whatever happens. Ctrl-C aborts the signal once; what was collected
 * is printed by `body`, and the exit status stays that of the work.
 */
export function withHost(flags: HostFlags, body: Body<Host>): Promise<void> {
  // SSH and everything behind it is a bundle of its own: what needs no host starts without it.
  return withOpened(flags, async (...how) => (await import("./openFlaggedHost")).openFlaggedHost(flags, ...how), body);
}

/** The same for commands that ask for sockets only: they load nothing else. */
export function withSockets(flags: HostFlags, body: Body<SocketHost>): Promise<void> {
  return withOpened(flags, async (...how) => (await import("./openFlaggedSockets")).openFlaggedSockets(flags, ...how), body);
}

type Body<H> = (host: H, output: Output, signal: AbortSignal) => Promise<void>;

async function withOpened<H extends { dispose(): Promise<void> }>(flags: HostFlags, open: (output: Output, signal: AbortSignal) => Promise<H>, body: Body<H>): Promise<void> {
  const output = createOutput(flags.json);
  const interrupt = new AbortController();
  // Every channel and timer of a session may listen; that is no leak.
  setMaxListeners(0, interrupt.signal);
  const stop = (): void => interrupt.abort(new Error("interrupted"));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    const host = await open(output, interrupt.signal);
    output.progress("");
    try {
      await body(host, output, interrupt.signal);
    } finally {
      await host.dispose();
    }
  } catch (error) {
    fail(output, error);
  } finally {
    process.removeListener("SIGINT", stop);
    process.removeListener("SIGTERM", stop);
  }
}

/** Says what, where and what to do on stderr, and sets exit status 1. */
export function fail(output: Output, error: unknown): void {
  const advice = adviceFor(error);
  output.note(`knetscope: ${describeError(error)}${advice === undefined ? "" : `\n${advice}`}`);
  process.exitCode = 1;
}

/** `10s`, `500ms`, `2m`, or seconds as a plain number; milliseconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  if (!match) throw new InvalidArgumentError("A duration is a number with ms, s, m or h, such as 10s.");
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[match[2] ?? "s"] ?? 1000;
  return Number(match[1]) * unit;
}
