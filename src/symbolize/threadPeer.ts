import type { MessagePort, Worker } from "node:worker_threads";
import { DomainError, errorCode } from "../base/errors";

/** One end of a pair of threads that ask each other: every call is answered, by a value or by an error. */
export class ThreadPeer {
  private readonly pending = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  private readonly running = new Map<number, AbortController>();
  private nextId = 0;

  constructor(
    private readonly port: Pick<MessagePort | Worker, "postMessage">,
    private readonly handle: (method: string, parameter: unknown, signal: AbortSignal) => Promise<unknown>,
  ) {}

  /** Calls a method of the other side. Aborting tells the other side, and rejects at once. */
  call(method: string, parameter: unknown, signal?: AbortSignal): Promise<unknown> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const abort = (): void => {
        this.pending.delete(id);
        this.post({ kind: "cancel", id });
        reject(asError(signal?.reason));
      };
      const done = (): void => signal?.removeEventListener("abort", abort);
      signal?.addEventListener("abort", abort, { once: true });
      const settle = <T>(then: (value: T) => void) => (value: T): void => {
        done();
        then(value);
      };
      this.pending.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.post({ kind: "call", id, method, parameter });
    });
  }

  receive(message: PeerMessage): void {
    switch (message.kind) {
      case "call":
        void this.answer(message);
        return;
      case "cancel":
        this.running.get(message.id)?.abort();
        return;
      case "result":
        this.take(message.id)?.resolve(message.value);
        return;
      case "error":
        this.take(message.id)?.reject(message.code === undefined ? new Error(message.text) : new DomainError(message.code, message.text, message.where));
        return;
    }
  }

  /** The other side is gone: whoever waits for it hears so. */
  fail(error: Error): void {
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }

  private async answer({ id, method, parameter }: Extract<PeerMessage, { kind: "call" }>): Promise<void> {
    const controller = new AbortController();
    this.running.set(id, controller);
    try {
      this.post({ kind: "result", id, value: await this.handle(method, parameter, controller.signal) });
    } catch (error) {
      this.post({ kind: "error", id, ...describe(error) });
    } finally {
      this.running.delete(id);
    }
  }

  private take(id: number): ReturnType<typeof this.pending.get> {
    const waiting = this.pending.get(id);
    this.pending.delete(id);
    return waiting;
  }

  private post(message: PeerMessage): void {
    this.port.postMessage(message);
  }
}

export type PeerMessage =
  | { readonly kind: "call"; readonly id: number; readonly method: string; readonly parameter: unknown }
  | { readonly kind: "cancel"; readonly id: number }
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "error"; readonly id: number; readonly code: string | undefined; readonly text: string; readonly where: string | undefined };

function describe(error: unknown): { code: string | undefined; text: string; where: string | undefined } {
  const where = error instanceof DomainError ? error.where : undefined;
  return { code: errorCode(error), text: error instanceof Error ? error.message : String(error), where };
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)));
