import type { Disposable } from "../../base/disposable";

/** Calls `action` at once for the first trigger and then at most every `intervalMs`; the last trigger is never lost. */
export class Throttle implements Disposable {
  private timer: NodeJS.Timeout | undefined;
  private pending = false;

  constructor(
    private readonly action: () => void,
    private readonly intervalMs: number,
  ) {}

  readonly trigger = (): void => {
    if (this.timer) {
      this.pending = true;
      return;
    }
    this.timer = setTimeout(this.tick, this.intervalMs);
    this.action();
  };

  dispose(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.pending = false;
  }

  private readonly tick = (): void => {
    this.timer = undefined;
    if (!this.pending) return;
    this.pending = false;
    this.trigger();
  };
}
