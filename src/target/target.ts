import type { Command, CommandResult, ExitStatus } from "./command";

/**
 * A machine whose kernel we look at: this one, or one behind SSH. Everything above this interface
 * is the same for both. Failures are `DomainError`s with codes `target/…` or `ssh/…`.
 */
export interface Target {
  /** As the user named it: an alias, `user@host[:port]`, or `local`. */
  readonly name: string;
  readonly kind: "local" | "ssh" | "recorded";
  /** Aborted, with the error as its reason, when the link is gone or `dispose` was called. */
  readonly closed: AbortSignal;

  /** Runs a short command to its end. A non-zero exit status is a result, not an error. */
  run(command: Command, signal?: AbortSignal): Promise<CommandResult>;

  /**
   * Starts a long command under a supervisor on the target that ends it (TERM each second, then KILL)
   * when we stop it, when the channel closes, or when the link stays silent for longer than its lease.
   */
  start(command: Command, signal?: AbortSignal): Promise<RunningCommand>;

  /**
   * Starts a program that stays for many questions and watches over itself, without a supervisor beside it. Its standard input begins with a
   * line `knetscope-begin SECONDS` (before it may come anything, such as a password that sudo did not want) and goes on with lines that it
   * understands, `renew` among them. It must end when its input ends, and when it neither got a line nor could write for SECONDS, so that nothing
   * stays behind, whatever becomes of us.
   */
  attach(program: ResidentProgram, signal?: AbortSignal): Promise<AttachedProgram>;

  /** Opens a file of the target for reading in place, by ranges. `target/no-such-file`, `target/permission-denied`. */
  openFile(path: string): Promise<TargetFile>;

  /** undefined when there is nothing at this path. Follows links. */
  stat(path: string): Promise<FileStat | undefined>;

  dispose(): Promise<void>;
}

export interface RunningCommand {
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  /** Resolves when the remote side has ended and all output was delivered. Rejects when the link is lost. */
  readonly exit: Promise<ExitStatus>;
  /** Asks for an orderly end; what the command prints while ending is still delivered. */
  stop(): Promise<ExitStatus>;
}

export interface ResidentProgram {
  readonly argv: Command["argv"];
  /** As for a command. */
  readonly privilege?: "root" | "user";
}

export interface AttachedProgram {
  /** Hands it bytes; those for a program that has ended are dropped. */
  write(bytes: Uint8Array | string): void;
  /** Who gets its output from now on; what comes while nobody listens is dropped. */
  listen(listener: ((chunk: Uint8Array) => void) | undefined): void;
  /** The beginning of what it said on standard error. */
  readonly said: string;
  /** Resolves when it has ended and all output was delivered. Rejects when the link is lost. */
  readonly exit: Promise<ExitStatus>;
  /** Set by whoever uses it: it is kept only for speed, and may be ended when somebody needs its channel. */
  idle: boolean;
  /** Ends its input, so that it ends by itself. */
  end(): Promise<ExitStatus>;
  /** Lets go of it at once; it ends at its next look at its input or at its next write. */
  destroy(): void;
}

export interface TargetFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Exactly `length` bytes, fewer only at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface FileStat {
  readonly size: number;
  readonly isDirectory: boolean;
  /** Seconds since the epoch. */
  readonly mtime: number;
}
