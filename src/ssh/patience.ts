/** A time limit that stands still while a person is being asked. */
export class Patience {
  private remainingMs: number;
  private startedAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private pauses = 0;

  constructor(
    limitMs: number,
    private readonly expired: () => void,
  ) {
    this.remainingMs = limitMs;
    this.resume();
  }

  /** Runs `question` with the clock stopped. */
  async during<T>(question: () => Promise<T>): Promise<T> {
    if (this.pauses++ === 0) this.pause();
    try {
      return await question();
    } finally {
      if (--this.pauses === 0) this.resume();
    }
  }

  end(): void {
    this.remainingMs = Number.POSITIVE_INFINITY;
    clearTimeout(this.timer);
  }

  private pause(): void {
    clearTimeout(this.timer);
    this.remainingMs -= Date.now() - this.startedAt;
  }

  private resume(): void {
    this.startedAt = Date.now();
    if (Number.isFinite(this.remainingMs)) this.timer = setTimeout(this.expired, Math.max(0, this.remainingMs));
  }
}
