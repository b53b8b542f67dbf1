import { fork, type ChildProcess } from "node:child_process";

/** Speaks to the built language server over IPC, as the editor does, with nothing of the editor between. */
export class BenchClient {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, (result: unknown) => void>();
  private nextId = 1;

  constructor(script: string) {
    this.child = fork(script, ["--node-ipc"], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    this.child.on("message", (message: { id?: number; method?: string; result?: unknown }) => {
      if (message.method !== undefined) {
        if (message.id !== undefined) this.child.send({ jsonrpc: "2.0", id: message.id, result: message.method.startsWith("knetscope/") ? [] : null });
        return;
      }
      const settle = this.waiting.get(message.id ?? 0);
      this.waiting.delete(message.id ?? 0);
      settle?.(message.result);
    });
  }

  request(method: string, params: object): Promise<unknown> {
    const id = this.nextId++;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.child.send({ jsonrpc: "2.0", id, method, params });
    });
  }

  notify(method: string, params: object): void {
    this.child.send({ jsonrpc: "2.0", method, params });
  }

  async start(initializationOptions: object): Promise<void> {
    await this.request("initialize", { processId: process.pid, capabilities: {}, initializationOptions });
    this.notify("initialized", {});
  }

  stop(): void {
    this.child.kill();
  }
}
