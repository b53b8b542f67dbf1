import { platform } from "node:os";
import { DomainError } from "../base/errors";
import { CommandFiles } from "./commandFiles";
import { CommandRunner } from "./commandRunner";
import { openLocalChannel } from "./localChannel";
import { retryAsRoot } from "./retryAsRoot";
import { openLocalFile, statLocalFile } from "./localFile";
import { RootAccess } from "./rootAccess";
import type { Lease } from "./supervisor";
import { defaultLease } from "./supervisor";
import type { Target } from "./target";

export interface LocalOptions {
  /** Asked when a command needs root, we are not root, and sudo wants a password. */
  readonly sudoPassword?: (attempt: number) => Promise<string | undefined>;
  readonly lease?: Lease;
}

const endPatienceMs = 3_000;

/** This machine. @throws DomainError `target/not-linux` */
export function localTarget(options: LocalOptions = {}): Target {
  if (platform() !== "linux") throw new DomainError("target/not-linux", `this machine runs ${platform()}, not Linux`, "local");
  const closed = new AbortController();
  const { sudoPassword } = options;
  const root = new RootAccess("local", openLocalChannel, sudoPassword && (({ attempt }) => sudoPassword(attempt)));
  const runner = new CommandRunner("local", openLocalChannel, root, options.lease ?? defaultLease);
  const rootFiles = new CommandFiles("local", (command) => runner.run(command), "root");
  return {
    name: "local",
    kind: "local",
    closed: closed.signal,
    run: (command, signal) => unlessClosed(closed.signal, () => runner.run(command, signal)),
    start: (command, signal) => unlessClosed(closed.signal, () => runner.start(command, signal)),
    attach: (program, signal) => unlessClosed(closed.signal, () => runner.attach(program, signal)),
    openFile: (path) => openLocalFile(path).catch((error: unknown) => retryAsRoot(error, () => rootFiles.open(path))),
    stat: (path) => statLocalFile(path).catch((error: unknown) => retryAsRoot(error, () => rootFiles.stat(path))),
    async dispose() {
      await runner.stopAll(endPatienceMs);
      closed.abort(new DomainError("target/disposed", "closed by us", "local"));
    },
  };
}

async function unlessClosed<T>(closed: AbortSignal, work: () => Promise<T>): Promise<T> {
  closed.throwIfAborted();
  return work();
}
