import type { RangeSource } from "./rangeSource";

/** What reading from elsewhere has cost so far. */
export interface ReadCost {
  readonly bytes: number;
  readonly reads: number;
  /** Milliseconds during which at least one read was under way. */
  readonly ms: number;
}

export class CostMeter implements ReadCost {
  bytes = 0;
  reads = 0;
  private spent = 0;
  private under = 0;
  private since = 0;

  get ms(): number {
    return Math.round(this.spent + (this.under > 0 ? performance.now() - this.since : 0));
  }

  async measure(read: () => Promise<Uint8Array>): Promise<Uint8Array> {
    if (this.under++ === 0) this.since = performance.now();
    try {
      const bytes = await read();
      this.bytes += bytes.length;
      this.reads++;
      return bytes;
    } finally {
      if (--this.under === 0) this.spent += performance.now() - this.since;
    }
  }
}

/** The same file, every read of which is counted. */
export const metered = (source: RangeSource, meter: CostMeter): RangeSource => ({
  name: source.name,
  size: source.size,
  read: (offset, length) => meter.measure(() => source.read(offset, length)),
  close: () => source.close(),
});

/** `2.9 MB in 84 reads, 310 ms`. */
export function costText({ bytes, reads, ms }: ReadCost): string {
  const counted = reads === 0 ? "" : `${byteText(bytes)} in ${reads} ${reads === 1 ? "read" : "reads"}, `;
  return `${counted}${Math.round(ms)} ms`;
}

/** Decimal units, as disks and networks are measured: `590 MB`, `2.9 MB`, `412 bytes`. */
export function byteText(bytes: number): string {
  const unit = bytes >= 1e9 ? ["GB", 1e9] as const : bytes >= 1e6 ? ["MB", 1e6] as const : bytes >= 1e4 ? ["kB", 1e3] as const : undefined;
  if (!unit) return `${bytes} bytes`;
  const value = bytes / unit[1];
  return `${value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit[0]}`;
}
