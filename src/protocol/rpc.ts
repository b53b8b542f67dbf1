/** A tiny request/response protocol over any pair of message ports. Failures travel back to the caller; nothing waits for ever. */

export interface Method {
  readonly params: unknown;
  readonly result: unknown;
}

/** What one side answers to: name → types of its parameter and result. */
export type Methods<T> = { readonly [K in keyof T]: Method };

type Handlers<T extends Methods<T>> = { readonly [K in keyof T]: (params: T[K]["params"]) => Promise<T[K]["result"]> | T[K]["result"] };

type Message =
  | { readonly kind: "request"; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly message: string };

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One end of the wire. `Own` is what it answers to, `Other` what it may ask. */
export class RpcPeer<Own extends Methods<Own>, Other extends Methods<Other>> {
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  private closed = false;

  constructor(
    private readonly post: (message: unknown) => unknown,
    private readonly handlers: Handlers<Own>,
  ) {}

  /** Rejects with what the other side failed with, or when this end is disposed of. */
  call<K extends keyof Other & string>(method: K, params: Other[K]["params"]): Promise<Other[K]["result"]> {
    if (this.closed) return Promise.reject(new Error("the other side is gone"));
    const id = this.nextId++;
    return new Promise<Other[K]["result"]>((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.post({ kind: "request", id, method, params } satisfies Message);
    });
  }

  /** To be given every message that arrives. What is not ours is left alone. */
  receive(message: unknown): void {
    if (!isMessage(message)) return;
    if (message.kind === "request") void this.answer(message);
    else this.settle(message);
  }

  dispose(): void {
    this.closed = true;
    for (const { reject } of this.pending.values()) reject(new Error("the other side is gone"));
    this.pending.clear();
  }

  private async answer({ id, method, params }: Message & { kind: "request" }): Promise<void> {
    try {
      if (!Object.hasOwn(this.handlers, method)) throw new Error(`no such method: ${method}`);
      const value = await this.handlers[method as keyof Own](params);
      if (!this.closed) this.post({ kind: "result", id, value } satisfies Message);
    } catch (error) {
      if (!this.closed) this.post({ kind: "failure", id, message: error instanceof Error ? error.message : String(error) } satisfies Message);
    }
  }

  private settle(message: Message & { kind: "result" | "failure" }): void {
    const waiting = this.pending.get(message.id);
    this.pending.delete(message.id);
    if (message.kind === "result") waiting?.resolve(message.value);
    else waiting?.reject(new Error(message.message));
  }
}

function isMessage(value: unknown): value is Message {
  if (typeof value !== "object" || value === null || !("kind" in value) || !("id" in value) || typeof value.id !== "number") return false;
  if (value.kind === "request") return "method" in value && typeof value.method === "string";
  return value.kind === "result" || (value.kind === "failure" && "message" in value && typeof value.message === "string");
}
