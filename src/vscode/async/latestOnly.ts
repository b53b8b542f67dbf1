/** Runs a task so that only the latest counts: a new run aborts the one before it. */
export class LatestOnly {
  private current: AbortController | undefined;

  /** @returns what the task gave, or undefined when a later run (or `abort`) overtook it, however the task ended then. */
  async run<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    this.current?.abort();
    const own = new AbortController();
    this.current = own;
    try {
      const value = await task(own.signal);
      return own.signal.aborted ? undefined : value;
    } catch (error) {
      if (own.signal.aborted) return undefined;
      throw error;
    } finally {
      if (this.current === own) this.current = undefined;
    }
  }

  get running(): boolean {
    return this.current !== undefined;
  }

  abort(): void {
    this.current?.abort();
    this.current = undefined;
  }
}
