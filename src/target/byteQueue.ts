import type { Readable } from "node:stream";

/**
 * The bytes of a stream as an async iterable that, unlike a stream, may be left early without ending the
 * stream's channel: what comes later is then dropped. It holds the sender back above `highWater`
 * bytes, until `unbounded()` is called.
 */
export class ByteQueue implements AsyncIterable<Uint8Array> {
  private readonly chunks: Uint8Array[] = [];
  private queued = 0;
  private ended = false;
  private abandoned = false;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;

  constructor(
    private readonly stream: Readable,
    private highWater: number,
  ) {
    stream.on("data", (chunk: Uint8Array) => this.accept(chunk));
    stream.once("end", () => this.finish());
    stream.once("close", () => this.finish());
    stream.on("error", (error: Error) => this.finish(error));
  }

  /** From now on the sender is never held back. */
  unbounded(): void {
    this.highWater = Number.POSITIVE_INFINITY;
    this.stream.resume();
  }

  finish(failure?: Error): void {
    this.failure ??= failure;
    this.ended = true;
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    try {
      for (;;) {
        const chunk = this.chunks.shift();
        if (chunk) {
          this.queued -= chunk.length;
          if (this.queued <= this.highWater / 2) this.stream.resume();
          yield chunk;
        } else if (this.ended) {
          if (this.failure !== undefined) throw this.failure;
          return;
        } else {
          await new Promise<void>((resolve) => (this.wake = resolve));
        }
      }
    } finally {
      this.abandon();
    }
  }

  private abandon(): void {
    this.abandoned = true;
    this.chunks.length = 0;
    this.unbounded();
  }

  private accept(chunk: Uint8Array): void {
    if (this.abandoned) return;
    this.chunks.push(chunk);
    this.queued += chunk.length;
    if (this.queued > this.highWater) this.stream.pause();
    this.wake?.();
  }
}
