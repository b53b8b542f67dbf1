import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A way to a port of this machine on which every byte takes half a round trip longer, each way. Without limits of bandwidth. */
export class DelayProxy {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
    private readonly delay: { ms: number },
  ) {}

  static async start(to: number): Promise<DelayProxy> {
    const delay = { ms: 0 };
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no free port on 127.0.0.1");
    const proxy = new DelayProxy(server, address.port, delay);
    server.on("connection", (near: Socket) => proxy.join(near, connect(to, "127.0.0.1")));
    return proxy;
  }

  /** Milliseconds, for what is sent from now on. */
  set roundTrip(ms: number) {
    this.delay.ms = ms / 2;
  }

  stop(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private join(near: Socket, far: Socket): void {
    for (const [from, to] of [[near, far], [far, near]] as const) {
      this.sockets.add(from);
      from.setNoDelay();
      from.on("data", (chunk) => setTimeout(() => to.write(chunk), this.delay.ms));
      from.on("close", () => setTimeout(() => to.destroy(), this.delay.ms));
      from.on("error", () => to.destroy());
    }
  }
}
