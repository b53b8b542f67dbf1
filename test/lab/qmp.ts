import { createConnection } from "node:net";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { DomainError } from "../../src/base/errors";

interface Reply {
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
}

/** Sends one command to QEMU's monitor (QMP, docs/interop/qmp-spec of QEMU) and returns its answer. Events in between are passed over. */
export async function qmp(socketPath: string, execute: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown> {
  const socket = createConnection(socketPath);
  socket.setTimeout(10_000, () => socket.destroy(new Error("no answer within 10 s")));
  try {
    await once(socket, "connect");
    socket.write(`${JSON.stringify({ execute: "qmp_capabilities" })}\n${JSON.stringify({ execute, arguments: parameters })}\n`);
    let answers = 0;
    for await (const line of createInterface({ input: socket })) {
      const reply = JSON.parse(line) as Reply;
      if (reply.error !== undefined) throw new DomainError("lab/qmp", `${execute}: ${reply.error.desc}`, socketPath);
      if (!("return" in reply)) continue;
      answers += 1;
      if (answers === 2) return reply.return;
    }
    throw new DomainError("lab/qmp", `${execute}: the monitor closed the connection`, socketPath);
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    throw new DomainError("lab/qmp", `${execute}: ${String(cause)}`, socketPath, { cause });
  } finally {
    socket.destroy();
  }
}
