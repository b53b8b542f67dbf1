import type { Reading } from "./reading";
import { clip, type SectionData, type Span } from "./sectionData";

const leastRead = 0x1000;

/**
 * A section for somebody who goes through it more or less in order: much is read at a time, and what lies in it is answered from there.
 * Only for a section whose bytes do not depend on how they are asked for (`isPlain`), in a file that is here.
 */
export class AheadSection implements SectionData {
  readonly isPlain = true;
  private start = 0;
  private bytes: Uint8Array = new Uint8Array();
  private room: Uint8Array | undefined;

  /**
   * @param ahead bytes that are read at least, where what was asked before is followed; a section that is no larger is read whole
   * @param reuses whether they are read into the same memory each time: new memory costs more than the reading. Then what was given holds until the next question
   */
  constructor(
    private readonly section: SectionData,
    private readonly ahead: number,
    private readonly reuses: boolean,
  ) {}

  get where(): string {
    return this.section.where;
  }

  get size(): number {
    return this.section.size;
  }

  get whole(): Uint8Array | undefined {
    return this.bytes.length === this.size && !this.reuses ? this.bytes : undefined;
  }

  *readSpans(spans: readonly Span[]): Reading<readonly Uint8Array[]> {
    const clipped = spans.map((span) => clip(this, span));
    const low = clipped.reduce((least, { offset }) => Math.min(least, offset), Infinity);
    const high = clipped.reduce((most, { offset, length }) => Math.max(most, offset + length), 0);
    if (low < this.start || high > this.start + this.bytes.length) {
      if (clipped.length > 1 && high - low > this.ahead) return yield* this.section.readSpans(clipped);
      yield* this.moveTo(low, high);
    }
    return clipped.map(({ offset, length }) => this.bytes.subarray(offset - this.start, offset - this.start + length));
  }

  /** Somebody who jumps wants no more there: in a kernel the rare parts of all functions lie behind all others, a few of each unit. */
  private isNext(offset: number): boolean {
    return offset > this.start && offset <= this.start + this.bytes.length + this.ahead / 8;
  }

  private *moveTo(low: number, high: number): Reading<void> {
    const isWhole = this.ahead >= this.size;
    const start = isWhole ? 0 : low;
    const length = Math.max(high - start, Math.min(isWhole || this.isNext(low) ? this.ahead : leastRead, this.size - start));
    if (this.reuses && !(this.room && this.room.length >= length)) this.room = new Uint8Array(length);
    // Reading may fail, with the room half filled.
    this.bytes = new Uint8Array();
    const [bytes = this.bytes] = yield* this.section.readSpans([{ offset: start, length, ...(this.room && { room: this.room }) }]);
    [this.start, this.bytes] = [start, bytes];
  }
}
