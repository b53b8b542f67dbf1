import { once } from "node:events";
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";

/** A TCP relay whose cable can be pulled: nothing passes any more and neither side is told (no FIN, no RST). */
export interface SilentProxy {
  readonly port: number;
  pull(): void;
  close(): void;
}

export async function silentProxy(toPort: number): Promise<SilentProxy> {
  const sockets: Socket[] = [];
  let pulled = false;
  const server = createServer((near) => {
    const far = connect(toPort, "127.0.0.1");
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.push(from);
      from.on("data", (chunk: Buffer) => {
        if (!pulled) to.write(chunk);
      });
      from.on("close", () => {
        if (!pulled) to.destroy();
      });
      from.on("error", () => undefined);
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const close = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: address.port, pull: () => (pulled = true), close };
}
