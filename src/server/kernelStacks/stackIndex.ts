import { parseStacks, type StackDiagnostic } from "../../stacks/parseStacks";
import { lineOrder, type LineOrder } from "../../stacks/textLines";
import type { DocumentLines } from "./documentLines";
import { moveStack, placeStack, type PlacedStack } from "./placedStack";
import type { ReportPlace } from "./reportPlaces";
import { readChunk, type Chunk } from "./readChunk";

/** Lines `first` up to, not including, `first + removed` became `added` lines. */
export interface LineEdit {
  readonly first: number;
  readonly removed: number;
  readonly added: number;
}

/** The stacks of a document. It is read in pieces, from its start; an edit makes stale only the pieces that were read from the lines it touches. */
export class StackIndex {
  /** What was read, from the first line on. */
  private chunks: Chunk[] = [];
  private readLines = 0;
  /** Pieces behind an edit: they still hold, when the reading comes to exactly their first line. */
  private kept: { readonly start: number; readonly chunks: readonly Chunk[] } | undefined;

  private order: LineOrder;

  constructor(private lines: DocumentLines) {
    this.order = orderOf(lines);
  }

  get isComplete(): boolean {
    return this.readLines >= this.lines.count;
  }

  /** Reads one piece. */
  step(): void {
    if (this.isComplete) return;
    const { kept } = this;
    if (kept && kept.start === this.readLines) {
      this.kept = undefined;
      for (const chunk of kept.chunks) this.append(chunk);
      return;
    }
    this.append(readChunk(this.lines, { from: this.readLines, lastStack: this.lastStack(), end: kept?.start, order: this.order }));
    this.dropPassed();
  }

  edit(lines: DocumentLines, { first, removed, added }: LineEdit): void {
    const by = added - removed;
    const placed = [...this.placedChunks(0, this.chunks)];
    const after = placed.filter(({ chunk, start }) => start - chunk.before >= first + removed);
    const keptBefore = this.kept;
    this.kept = after[0] ? { start: after[0].start + by, chunks: after.map(({ chunk }) => chunk) } : keptBefore && this.keepBehind(keptBefore, first + removed, by);
    this.chunks = placed.filter(({ chunk, start }) => start + chunk.length + chunk.behind <= first).map(({ chunk }) => chunk);
    this.readLines = this.chunks.reduce((sum, { length }) => sum + length, 0);
    this.lines = lines;
    const order = first < orderLines ? orderOf(lines) : this.order;
    if (order !== this.order) [this.order, this.chunks, this.readLines, this.kept] = [order, [], 0, undefined];
  }

  /** Stacks with a line among `from` up to, not including, `to`. What was not read yet is read for the occasion: such a range should be short. */
  stacksIn(from: number, to: number): readonly PlacedStack[] {
    const last = Math.min(to, this.lines.count);
    const known = this.known(from, Math.min(last, this.readLines));
    return last <= this.readLines ? known : [...known, ...this.readAhead(Math.max(from, this.readLines), last)];
  }

  /** What was read so far. */
  known(from = 0, to = Infinity): readonly PlacedStack[] {
    const found: PlacedStack[] = [];
    for (const { chunk, start } of this.placedChunks(0, this.chunks)) {
      if (start >= to) break;
      for (const stack of chunk.stacks) if (start + stack.lastLine >= from && start + stack.firstLine < to) found.push(moveStack(stack, start));
    }
    return found;
  }

  /** Lines from 0. */
  notes(): readonly StackDiagnostic[] {
    return [...this.placedChunks(0, this.chunks)].flatMap(({ chunk, start }) => chunk.notes.map((note) => ({ ...note, line: note.line + start })));
  }

  /** Places that reports name themselves. */
  places(): readonly ReportPlace[] {
    return [...this.placedChunks(0, this.chunks)].flatMap(({ chunk, start }) => chunk.places.map((place) => ({ ...place, line: place.line + start })));
  }

  private append(chunk: Chunk): void {
    this.chunks.push(chunk);
    this.readLines += chunk.length;
  }

  private lastStack(): PlacedStack | undefined {
    const last = this.chunks.at(-1);
    const stack = last?.stacks.at(-1);
    return last && stack && moveStack(stack, this.readLines - last.length);
  }

  /** The reading went beyond the first line of kept pieces: a stack lay across. */
  private dropPassed(): void {
    while (this.kept && this.kept.start < this.readLines) {
      const [first, ...others] = this.kept.chunks;
      this.kept = first && others.length > 0 ? { start: this.kept.start + first.length, chunks: others } : undefined;
    }
  }

  private keepBehind(kept: { readonly start: number; readonly chunks: readonly Chunk[] }, line: number, by: number): typeof this.kept {
    const [first, ...others] = [...this.placedChunks(kept.start, kept.chunks)].filter(({ chunk, start }) => start - chunk.before >= line);
    return first && { start: first.start + by, chunks: [first, ...others].map(({ chunk }) => chunk) };
  }

  private *placedChunks(start: number, chunks: readonly Chunk[]): Generator<{ readonly chunk: Chunk; readonly start: number }> {
    let at = start;
    for (const chunk of chunks) {
      yield { chunk, start: at };
      at += chunk.length;
    }
  }

  private readAhead(from: number, to: number): readonly PlacedStack[] {
    const [first, last] = [Math.max(0, from - 128), Math.min(this.lines.count, to + 64)];
    const { stacks } = parseStacks(this.lines.text(first, last), this.order);
    return stacks.map((stack) => placeStack(stack, this.lines, first, 0)).filter(({ firstLine, lastLine }) => lastLine >= from && firstLine < to);
  }
}

/** The start of a log tells whether it was printed newest first. */
const orderLines = 2000;
const orderOf = (lines: DocumentLines): LineOrder => lineOrder(lines.text(0, Math.min(orderLines, lines.count)));
