import { DomainError } from "../base/errors";
import { ByteQueue } from "./byteQueue";
import type { Channel } from "./channel";
import type { ExitStatus } from "./command";
import type { Lease } from "./supervisor";
import { missingProgram, renewLine, stopLine } from "./supervisor";
import type { RunningCommand } from "./target";

/** The target has five seconds of signals and one KILL to end a command; an answer needs a little more. */
const stopPatienceMs = 10_000;
const stdoutHighWater = 4 << 20;

/** Our end of the supervisor: renews the lease, asks for the end, tells how it went. */
export class SupervisedCommand implements RunningCommand {
  readonly stdout: ByteQueue;
  readonly stderr: ByteQueue;
  readonly exit: Promise<ExitStatus>;
  private errorHead = "";
  private stopping = false;
  private expiredAfterMs: number | undefined;

  constructor(
    private readonly channel: Channel,
    input: Uint8Array,
    private readonly where: string,
    lease: Lease,
    timeoutMs?: number,
  ) {
    channel.stderr.on("data", (chunk: Uint8Array) => {
      if (this.errorHead.length < 4096) this.errorHead += Buffer.from(chunk).toString();
    });
    this.stdout = new ByteQueue(channel.stdout, stdoutHighWater);
    this.stderr = new ByteQueue(channel.stderr, Number.POSITIVE_INFINITY);
    const renewing = setInterval(() => this.write(renewLine), lease.renewMs);
    const expiry = timeoutMs === undefined ? undefined : setTimeout(() => this.expire(timeoutMs), timeoutMs);
    this.exit = this.outcome().finally(() => {
      clearInterval(renewing);
      clearTimeout(expiry);
    });
    this.exit.catch(() => undefined);
    channel.stdin.on("error", () => undefined);
    channel.stdin.write(input);
  }

  stop(): Promise<ExitStatus> {
    if (!this.stopping) {
      this.stopping = true;
      this.stdout.unbounded();
      if (this.channel.stdin.writable) this.channel.stdin.end(stopLine);
      this.destroyLater();
    }
    return this.exit;
  }

  private expire(timeoutMs: number): void {
    this.expiredAfterMs = timeoutMs;
    void this.stop().catch(() => undefined);
  }

  private destroyLater(): void {
    const timer = setTimeout(() => this.channel.destroy(), stopPatienceMs);
    void this.exit.catch(() => undefined).finally(() => clearTimeout(timer));
  }

  private write(line: string): void {
    if (!this.stopping && this.channel.stdin.writable) this.channel.stdin.write(line);
  }

  private async outcome(): Promise<ExitStatus> {
    try {
      const status = await this.channel.closed;
      if (this.expiredAfterMs !== undefined) throw new DomainError("target/timeout", `not done after ${this.expiredAfterMs / 1000} s`, this.where);
      const missing = missingProgram(status.code, this.errorHead);
      if (missing !== undefined) throw new DomainError("target/command-not-found", `there is no program ${missing}`, this.where);
      return status;
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      this.stdout.finish(failure);
      this.stderr.finish(failure);
      throw error;
    }
  }
}
