import { setImmediate } from "node:timers/promises";

/** Lets other work run during a long computation: `pause` costs a clock's reading, and gives way when a slice is over. */
export class Slices {
  private began = performance.now();

  /** @param budget of one slice, in milliseconds */
  constructor(
    private readonly signal?: AbortSignal,
    private readonly budget = 8,
  ) {}

  /** Whether it is time to `await rest()`. */
  get over(): boolean {
    return performance.now() - this.began > this.budget;
  }

  /** @throws the signal's reason */
  async rest(): Promise<void> {
    await setImmediate();
    this.signal?.throwIfAborted();
    this.began = performance.now();
  }
}
