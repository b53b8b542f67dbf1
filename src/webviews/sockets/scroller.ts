/**
 * Which row stands at the top, for a list that is higher than a browser lets an element be (Chromium: 2^24 to 2^25 pixels). The scroll bar
 * then covers the rows at a smaller scale; the row at the top is what counts, and wheel and keys move it by rows.
 */
export class Scroller {
  rows = 0;
  /** Pixels. */
  viewport = 0;
  private first = 0;

  constructor(
    readonly rowHeight: number,
    private readonly limit = 8_000_000,
  ) {}

  /** Of the element that is scrolled, in pixels. */
  get height(): number {
    return Math.min(this.rows * this.rowHeight, this.limit);
  }

  /** Whether a pixel of the scroll bar is more than a pixel of the rows. */
  get compressed(): boolean {
    return this.rows * this.rowHeight > this.limit;
  }

  /** Row at the upper edge, with its hidden part as a fraction. */
  get top(): number {
    return Math.min(this.first, this.lastTop);
  }

  set top(row: number) {
    this.first = Math.max(0, Math.min(row, this.lastTop));
  }

  get scrollTop(): number {
    const pixels = this.compressed ? (this.top / this.lastTop) * this.range : this.top * this.rowHeight;
    // Rounding must not reach beyond the end of the bar.
    return Math.min(pixels, this.range);
  }

  set scrollTop(pixels: number) {
    this.top = this.compressed ? (pixels / this.range) * this.lastTop : pixels / this.rowHeight;
  }

  /** Rows in sight, the cut ones too: first and, exclusive, last. */
  get sight(): readonly [number, number] {
    return [Math.floor(this.top), Math.min(this.rows, Math.ceil(this.top + this.viewport / this.rowHeight))];
  }

  /** Moves as little as brings a whole row into sight. */
  reveal(row: number): void {
    const whole = this.viewport / this.rowHeight;
    if (row < this.top) this.top = row;
    else if (row + 1 > this.top + whole) this.top = row + 1 - whole;
  }

  private get lastTop(): number {
    return Math.max(0, this.rows - this.viewport / this.rowHeight);
  }

  private get range(): number {
    return Math.max(0, this.height - this.viewport);
  }
}
