import { DomainError } from "../base/errors";

/** sshd's MaxSessions is 10 by default; two are left for what others do over the same connection. */
const mostChannels = 8;
const retryMs = 100;
const retries = 4;

/** Things that hold a channel only for speed and give it back when somebody needs it. */
export interface IdleHolder {
  /** true when a channel was given back. */
  giveBack(): boolean;
}

/**
 * Lets so many channels be open at once as the server allows. “Open failed” is how sshd says that there are
 * too many (session.c), also for a moment after one was closed: wait a little, then believe it.
 */
export class ChannelPool {
  private open = 0;
  private limit = mostChannels;
  private readonly waiting: (() => void)[] = [];
  private readonly holders = new Set<IdleHolder>();

  constructor(
    private readonly name: string,
    private readonly waitMs = 20_000,
  ) {}

  /** The number of channels that the server is known to allow, at most 8. */
  get capacity(): number {
    return this.limit;
  }

  addIdleHolder(holder: IdleHolder): void {
    this.holders.add(holder);
  }

  /**
   * Opens a channel when there is room; `release` must be called once when it is closed.
   *
   * @throws DomainError `ssh/no-free-channel`, `ssh/no-session`
   */
  async acquire<T>(openChannel: () => Promise<T>): Promise<{ readonly channel: T; readonly release: () => void }> {
    for (let attempt = 0; ; ) {
      await this.room();
      this.open++;
      try {
        return { channel: await openChannel(), release: this.releaser() };
      } catch (error) {
        this.release();
        if (!isOpenFailure(error)) throw error;
        if (++attempt >= retries) {
          attempt = 0;
          this.lower(error);
        }
        await new Promise((resolve) => setTimeout(resolve, retryMs * 2 ** attempt));
      }
    }
  }

  /** Wakes everybody who waits, so that they fail with the connection. */
  drain(): void {
    this.limit = Number.POSITIVE_INFINITY;
    for (const wake of this.waiting.splice(0)) wake();
  }

  private lower(error: unknown): void {
    if (this.open === 0 && this.limit === 1) throw new DomainError("ssh/no-session", "the server opens no session for this user (MaxSessions?)", this.name, { cause: error });
    this.limit = Math.max(1, Math.min(this.limit, this.open));
  }

  private async room(): Promise<void> {
    const until = Date.now() + this.waitMs;
    while (this.open >= this.limit) {
      if ([...this.holders].some((holder) => holder.giveBack())) continue;
      if (Date.now() >= until) throw new DomainError("ssh/no-free-channel", `all ${this.limit} sessions that the server allows on one connection are busy (MaxSessions)`, this.name);
      await this.released(until - Date.now());
    }
  }

  private released(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(wake), 1);
        resolve();
      }, withinMs);
      this.waiting.push(wake);
    });
  }

  private releaser(): () => void {
    let done = false;
    return () => {
      if (!done) this.release();
      done = true;
    };
  }

  private release(): void {
    this.open--;
    this.waiting.shift()?.();
  }
}

/** ssh2 puts the number of the reason (RFC 4254, 5.1) into such an error. */
const isOpenFailure = (error: unknown): boolean => error instanceof Error && typeof (error as { reason?: unknown }).reason === "number";
