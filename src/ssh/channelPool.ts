import { setTimeout as sleep } from "node:timers/promises";
import { DomainError, errorCode } from "../base/errors";

/** sshd's MaxSessions is 10 by default; two are left for what others do over the same connection. */
const mostChannels = 8;
const firstRetryMs = 50;
const longestRetryMs = 800;
const relearnMs = 60_000;
/** So many refusals with nothing open mean that the server never opens a session. */
const hopeless = 5;

/** Things that hold a channel only for speed and give it back when somebody needs it. */
export interface IdleHolder {
  /** true when a channel was given back. */
  giveBack(): boolean;
}

/**
 * Lets so many channels be open at once as the server allows. “Open failed” is how sshd says that there are
 * too many (session.c), and also for a moment after one was closed. So a refusal lowers the limit, but never below
 * the number that was open at once before: that many the server is known to allow. Whoever was refused tries again.
 */
export class ChannelPool {
  /** Places taken: channels that are open or being opened. */
  private taken = 0;
  private open = 0;
  private peak = 0;
  private limit = mostChannels;
  private loweredAt = 0;
  private drained = false;
  private readonly waiting: (() => void)[] = [];
  private readonly holders = new Set<IdleHolder>();

  /** @param waitMs how long somebody waits for a free channel */
  constructor(
    private readonly name: string,
    private readonly waitMs = 20_000,
  ) {}

  /** The number of channels that the server is believed to allow, at most 8. */
  get capacity(): number {
    return this.limit;
  }

  /** Whether somebody gets a channel at once, as far as is known. */
  get hasRoom(): boolean {
    return this.taken < this.limit;
  }

  addIdleHolder(holder: IdleHolder): void {
    this.holders.add(holder);
  }

  /**
   * Opens a channel when there is room; `release` must be called once when it is closed.
   *
   * @param waitMs how long to wait for a free one
   * @throws DomainError `ssh/no-free-channel`, `ssh/no-session`; whatever else `openChannel` throws
   */
  async acquire<T>(openChannel: () => Promise<T>, waitMs = this.waitMs): Promise<{ readonly channel: T; readonly release: () => void }> {
    const until = Date.now() + waitMs;
    for (let refusals = 1; ; refusals++) {
      await this.enter(until);
      try {
        const channel = await openChannel();
        this.opened();
        return { channel, release: this.releaser() };
      } catch (error) {
        this.leave();
        if (!isOpenFailure(error) && !this.isPassing(error)) throw error;
        if (refusals >= hopeless && this.peak === 0) throw new DomainError("ssh/no-session", "the server opens no session for this user (MaxSessions?)", this.name, { cause: error });
        if (Date.now() >= until) throw this.busy();
        this.lower();
        await sleep(Math.min(longestRetryMs, firstRetryMs * 2 ** refusals));
      }
    }
  }

  /** Lets everybody through who waits, so that they fail with the connection. */
  drain(): void {
    this.drained = true;
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** A server that ran commands before and refuses one now is short of something for a moment: dropbear opens the session, then cannot start the command. */
  private isPassing(error: unknown): boolean {
    return this.peak > 0 && errorCode(error) === "ssh/exec-refused";
  }

  private opened(): void {
    this.open++;
    this.peak = Math.max(this.peak, this.open);
    this.limit = Math.max(this.limit, this.peak);
  }

  private lower(): void {
    this.limit = Math.max(1, this.peak);
    this.loweredAt = Date.now();
  }

  /** Takes a place. Looking and taking are one step: nobody comes in between. */
  private async enter(until: number): Promise<void> {
    if (this.limit < mostChannels && Date.now() - this.loweredAt > relearnMs) {
      this.limit++;
      this.loweredAt = Date.now();
    }
    while (this.taken >= this.limit && !this.drained) {
      if ([...this.holders].some((holder) => holder.giveBack())) continue;
      if (Date.now() >= until) throw this.busy();
      await this.change(until - Date.now());
    }
    this.taken++;
  }

  private busy(): DomainError {
    return new DomainError("ssh/no-free-channel", `all sessions that the server allows on one connection (${this.limit}) are busy`, this.name);
  }

  private change(withinMs: number): Promise<void> {
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
      if (done) return;
      done = true;
      this.open--;
      this.leave();
    };
  }

  private leave(): void {
    this.taken--;
    this.waiting.shift()?.();
  }
}

/** ssh2 puts the number of the reason (RFC 4254, 5.1) into such an error. */
const isOpenFailure = (error: unknown): boolean => error instanceof Error && typeof (error as { reason?: unknown }).reason === "number";
