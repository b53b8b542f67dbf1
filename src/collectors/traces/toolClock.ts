interface Waiter {
  readonly since: number;
  readonly resolve: () => void;
}

/**
 * How far behind a tool is with what it hands on: from time to time it tells its own clock in the stream of events, and the quickest of these tells
 * how the two clocks stand. A tool that reads the kernel's symbols at its first stack is silent for seconds, and what it has not
 * handed on when it is told to end is lost.
 */
export class ToolClock {
  /** Ours less the tool's at its quickest, in milliseconds. */
  private offset = Infinity;
  private newest = -Infinity;
  private waiters: readonly Waiter[] = [];

  /** @param theirs in milliseconds, from any point in time */
  note(theirs: number, ours = performance.now()): void {
    this.offset = Math.min(this.offset, ours - theirs);
    this.newest = theirs;
    const done = this.waiters.filter(({ since }) => this.hasHandedOn(since));
    this.waiters = this.waiters.filter((waiter) => !done.includes(waiter));
    for (const { resolve } of done) resolve();
  }

  /** Resolves when what happened until now has been handed on; at once for a tool that never told its clock. */
  caughtUp(since = performance.now()): Promise<void> {
    if (this.newest === -Infinity || this.hasHandedOn(since)) return Promise.resolve();
    return new Promise((resolve) => (this.waiters = [...this.waiters, { since, resolve }]));
  }

  private hasHandedOn(since: number): boolean {
    return this.newest + this.offset >= since;
  }
}
