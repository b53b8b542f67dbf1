import type { SFTPWrapper, Stats } from "ssh2";
import { DomainError } from "../base/errors";
import type { FileStat, TargetFile } from "../target/target";
import type { ChannelPool, IdleHolder } from "./channelPool";
import type { SshConnection } from "./sshConnection";

/** As many requests in flight, of this size, as OpenSSH's sftp keeps (sftp-client.h): enough for a fast link far away. */
const chunk = 32 << 10;
const inFlight = 64;
/** SSH_FXP_STATUS codes (draft-ietf-secsh-filexfer-02, 7). */
const status = { eof: 1, noSuchFile: 2, permissionDenied: 3 } as const;

/** Files over one kept sftp channel, which is given back while it is idle and channels are scarce. */
export class SftpFiles implements IdleHolder {
  private session: Promise<SFTPWrapper> | undefined;
  private current: SFTPWrapper | undefined;
  private users = 0;

  constructor(
    private readonly connection: SshConnection,
    private readonly pool: ChannelPool,
  ) {
    pool.addIdleHolder(this);
  }

  /** undefined when there is nothing at the path. `ssh/no-sftp`, `target/permission-denied` */
  async stat(path: string): Promise<FileStat | undefined> {
    return this.use(async (sftp) => {
      const stats = await call<Stats>((done) => sftp.stat(path, done)).catch((error: unknown) => {
        if (statusOf(error) === status.noSuchFile) return undefined;
        throw this.failure(path, error);
      });
      return stats && { size: stats.size, isDirectory: stats.isDirectory(), mtime: stats.mtime };
    });
  }

  /** `ssh/no-sftp`, `target/no-such-file`, `target/permission-denied`, `target/not-a-file` */
  async open(path: string): Promise<TargetFile> {
    const sftp = await this.acquire();
    try {
      const handle = await call<Buffer>((done) => sftp.open(path, "r", done));
      const stats = await call<Stats>((done) => sftp.fstat(handle, done));
      if (stats.isDirectory()) throw new DomainError("target/not-a-file", "is a directory", this.where(path));
      return this.file(path, sftp, handle, stats.size);
    } catch (error) {
      this.users--;
      throw this.failure(path, error);
    }
  }

  giveBack(): boolean {
    if (this.users > 0 || !this.current) return false;
    this.current.end();
    this.session = this.current = undefined;
    return true;
  }

  private file(path: string, sftp: SFTPWrapper, handle: Buffer, size: number): TargetFile {
    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      await new Promise<void>((resolve) => {
        if (this.connection.closed.aborted) resolve();
        else sftp.close(handle, () => resolve());
      });
      this.users--;
    };
    return {
      path,
      size,
      read: (offset, length) => this.read(sftp, handle, offset, length).catch((error: unknown) => Promise.reject(this.failure(path, error))),
      close: () => (closing ??= close()),
    };
  }

  /** Reads ahead in small requests, many at once; each asks again for what a short answer left out. */
  private async read(sftp: SFTPWrapper, handle: Buffer, offset: number, length: number): Promise<Uint8Array> {
    const bytes = Buffer.alloc(length);
    let next = 0;
    let end = length;
    const worker = async (): Promise<void> => {
      while (next < end) {
        const start = next;
        const stop = (next = Math.min(start + chunk, length));
        for (let at = start; at < stop; ) {
          const count = await readOnce(sftp, handle, bytes, at, stop - at, offset + at);
          if (count === 0) {
            end = Math.min(end, at);
            return;
          }
          at += count;
        }
      }
    };
    await this.unlessLost(Promise.all(Array.from({ length: inFlight }, worker)));
    return bytes.subarray(0, end);
  }

  private async use<T>(work: (sftp: SFTPWrapper) => Promise<T>): Promise<T> {
    const sftp = await this.acquire();
    try {
      return await this.unlessLost(work(sftp));
    } finally {
      this.users--;
    }
  }

  private async acquire(): Promise<SFTPWrapper> {
    this.users++;
    try {
      return await (this.session ??= this.start());
    } catch (error) {
      this.users--;
      throw error;
    }
  }

  private async start(): Promise<SFTPWrapper> {
    const { channel, release } = await this.pool.acquire(() => this.unlessLost(call<SFTPWrapper>((done) => this.connection.client.sftp(done)))).catch((error: unknown) => {
      this.session = undefined;
      if (error instanceof DomainError) throw error;
      throw new DomainError("ssh/no-sftp", "the server has no sftp", this.connection.config.name, { cause: error });
    });
    channel.on("close", () => {
      release();
      if (this.current === channel) this.session = this.current = undefined;
    });
    channel.on("error", () => undefined);
    this.current = channel;
    return channel;
  }

  private unlessLost<T>(work: Promise<T>): Promise<T> {
    const { closed } = this.connection;
    return new Promise<T>((resolve, reject) => {
      const lost = (): void => reject(closed.reason as Error);
      if (closed.aborted) lost();
      closed.addEventListener("abort", lost, { once: true });
      work.then(resolve, reject).finally(() => closed.removeEventListener("abort", lost));
    });
  }

  private failure(path: string, error: unknown): Error {
    if (error instanceof DomainError) return error;
    if (statusOf(error) === status.noSuchFile) return new DomainError("target/no-such-file", "no such file", this.where(path));
    if (statusOf(error) === status.permissionDenied) return new DomainError("target/permission-denied", "permission denied", this.where(path));
    return new DomainError("target/read-failed", error instanceof Error ? error.message : String(error), this.where(path));
  }

  private where(path: string): string {
    return `${this.connection.config.name}:${path}`;
  }
}

const statusOf = (error: unknown): unknown => (error as { code?: unknown }).code;

/** A call with a Node callback as a promise; ssh2 throws at once when it is not connected. */
function call<T>(start: (done: (error: Error | null | undefined, value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error) reject(error);
      else resolve(value);
    });
  });
}

function readOnce(sftp: SFTPWrapper, handle: Buffer, into: Buffer, at: number, length: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    sftp.read(handle, into, at, length, position, (error, count) => {
      if (!error) resolve(count);
      else if (statusOf(error) === status.eof) resolve(0);
      else reject(error);
    });
  });
}
