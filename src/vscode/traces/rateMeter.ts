/** Events per second over a sliding window, from samples of a growing counter. */
export class RateMeter {
  private readonly samples: { readonly at: number; readonly count: number }[] = [];

  constructor(private readonly windowMs = 5000) {}

  sample(at: number, count: number): void {
    this.samples.push({ at, count });
    while (this.samples.length > 2 && at - (this.samples[1]?.at ?? at) >= this.windowMs) this.samples.shift();
  }

  /** Up to now; falls to 0 when nothing new came for a window. */
  perSecond(now: number, count: number): number {
    const from = this.samples.find((sample) => now - sample.at <= this.windowMs);
    if (!from) return 0;
    const elapsed = Math.max(now - from.at, 1000);
    return ((count - from.count) * 1000) / elapsed;
  }
}
