import type { Disposable } from "../../base/disposable";

/**
 * Repeats a task while it is wanted. The pause is counted from the end of one run to the start of the
 * next, so a slow host is never asked twice at a time. An interval of 0 means never by itself.
 */
export class Repeater implements Disposable {
  private timer: NodeJS.Timeout | undefined;
  private wanted = false;
  private generation = 0;

  constructor(
    private readonly task: () => Promise<void>,
    private readonly intervalMs: () => number,
  ) {}

  /** Starts with a run at once, or stops. */
  setWanted(wanted: boolean): void {
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    if (wanted) this.restart();
    else this.halt();
  }

  /** Runs now and counts the pause anew; does nothing while unwanted. */
  restart(): void {
    if (!this.wanted) return;
    this.halt();
    void this.cycle(this.generation);
  }

  dispose(): void {
    this.setWanted(false);
  }

  private async cycle(generation: number): Promise<void> {
    try {
      await this.task();
    } finally {
      const pause = this.intervalMs();
      if (generation === this.generation && pause > 0) this.timer = setTimeout(() => void this.cycle(generation), pause);
    }
  }

  private halt(): void {
    this.generation++;
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
