import type { Channel } from "./channel";
import type { ExitStatus } from "./command";
import { renewLine, type Lease } from "./supervisor";
import type { AttachedProgram } from "./target";

const endPatienceMs = 3_000;
const longestWords = 4096;

/** Our end of a program that watches over itself: hands it input, renews its lease, gives its output to whoever listens at the moment. */
export class AttachedChannel implements AttachedProgram {
  readonly exit: Promise<ExitStatus>;
  idle = false;
  said = "";
  private listener: ((chunk: Uint8Array) => void) | undefined;

  constructor(
    private readonly channel: Channel,
    lease: Lease,
    password?: string,
  ) {
    channel.stdout.on("data", (chunk: Uint8Array) => this.listener?.(chunk));
    channel.stderr.on("data", (chunk: Uint8Array) => {
      if (this.said.length < longestWords) this.said += Buffer.from(chunk).toString();
    });
    channel.stdin.on("error", () => undefined);
    const renewing = setInterval(() => this.write(renewLine), lease.renewMs);
    this.exit = channel.closed.finally(() => clearInterval(renewing));
    this.exit.catch(() => undefined);
    this.write(`${password === undefined ? "" : `${password}\n`}knetscope-begin ${lease.seconds}\n`);
  }

  listen(listener: ((chunk: Uint8Array) => void) | undefined): void {
    this.listener = listener;
  }

  write(bytes: Uint8Array | string): void {
    if (this.channel.stdin.writable) this.channel.stdin.write(bytes);
  }

  end(): Promise<ExitStatus> {
    this.listener = undefined;
    if (this.channel.stdin.writable) this.channel.stdin.end();
    const patience = setTimeout(() => this.destroy(), endPatienceMs);
    void this.exit.catch(() => undefined).finally(() => clearTimeout(patience));
    return this.exit;
  }

  destroy(): void {
    this.listener = undefined;
    this.channel.destroy();
  }
}
