import type { Readable, Writable } from "node:stream";
import type { CommandResult, ExitStatus } from "./command";

/** A started program and its three streams, on this machine or behind SSH. */
export interface Channel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves after the program ended and both outputs were read to their ends; rejects when the link is lost. */
  readonly closed: Promise<ExitStatus>;
  /** Lets go of it at once, without waiting for anything. */
  destroy(): void;
}

/** Starts a program with exactly these arguments. */
export type OpenChannel = (argv: readonly [string, ...string[]], signal?: AbortSignal) => Promise<Channel>;

/** Runs a program without supervisor: only for what ends by itself at once. A program that ends without reading `stdin` is no failure: its exit status tells. */
export async function exchange(open: OpenChannel, argv: readonly [string, ...string[]], stdin = "", signal?: AbortSignal): Promise<CommandResult> {
  const channel = await open(argv, signal);
  const [stdout, stderr]: [Uint8Array[], Uint8Array[]] = [[], []];
  channel.stdout.on("data", (chunk: Uint8Array) => stdout.push(chunk));
  channel.stderr.on("data", (chunk: Uint8Array) => stderr.push(chunk));
  channel.stdin.on("error", () => undefined).end(stdin);
  const status = await channel.closed;
  return { ...status, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
}
