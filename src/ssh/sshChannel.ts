import type { ClientChannel } from "ssh2";
import { DomainError } from "../base/errors";
import type { Channel } from "../target/channel";
import type { ExitStatus } from "../target/command";
import { shellLine } from "../target/command";
import type { ChannelPool } from "./channelPool";
import type { SshConnection } from "./sshConnection";

/** Starts a program over a session of one connection. */
export type OpenSession = (argv: readonly [string, ...string[]], waitMs?: number) => Promise<Channel>;

/** Starts programs over sessions of one connection (RFC 4254, 6.5), as many at once as the pool allows. */
export function sshSessions(connection: SshConnection, pool: ChannelPool): OpenSession {
  return async (argv, waitMs) => {
    const { channel: stream, release } = await pool.acquire(() => exec(connection, shellLine(argv)), waitMs);
    const closed = closing(stream, connection.closed);
    closed.then(release, release);
    return channelOf(stream, closed);
  };
}

function exec(connection: SshConnection, line: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    connection.closed.throwIfAborted();
    const lost = (): void => reject(connection.closed.reason as Error);
    connection.closed.addEventListener("abort", lost, { once: true });
    connection.client.exec(line, (error, stream) => {
      connection.closed.removeEventListener("abort", lost);
      if (error) reject("reason" in error ? error : new DomainError("ssh/exec-refused", `the server does not run commands: ${error.message}`, connection.config.name));
      else resolve(stream);
    });
  });
}

function channelOf(stream: ClientChannel, closed: Promise<ExitStatus>): Channel {
  return {
    stdin: stream,
    stdout: stream,
    stderr: stream.stderr,
    closed,
    destroy() {
      stream.resume();
      stream.stderr.resume();
      stream.close();
    },
  };
}

function closing(stream: ClientChannel, lost: AbortSignal): Promise<ExitStatus> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(lost.reason as Error);
    lost.addEventListener("abort", fail, { once: true });
    const errorsRead = new Promise<void>((done) => {
      for (const event of ["end", "close"]) stream.stderr.once(event, () => done());
    });
    // ssh2 says "close" after standard output was read to its end; without a status when there came none.
    stream.once("close", (code?: number | null, signal?: string) => {
      void errorsRead.then(() => {
        lost.removeEventListener("abort", fail);
        if (lost.aborted) fail();
        else resolve({ ...(typeof code === "number" && { code }), ...(signal !== undefined && { signal }) });
      });
    });
  });
}
