import { setImmediate as nextTurn } from "node:timers/promises";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { changedLines } from "./changedLines";
import type { DocumentLines } from "./documentLines";
import { StackIndex } from "./stackIndex";

/** Milliseconds of reading after which requests get their turn. */
const longestTurn = 10;

/** An open document and its stacks, which are read behind the requests. */
export class ReadDocument {
  readonly index: StackIndex;
  /** Ends what is asked about the document when it is closed. */
  readonly closed = new AbortController();
  lines: DocumentLines;
  private text: string;
  private lineCount: number;
  private reading: Promise<void> | undefined;

  constructor(readonly document: TextDocument) {
    this.text = document.getText();
    this.lineCount = document.lineCount;
    this.lines = documentLines(document);
    this.index = new StackIndex(this.lines);
  }

  changed(): void {
    const text = this.document.getText();
    if (text === this.text) return;
    const edit = changedLines(this.text, text, this.lineCount, this.document.lineCount, (offset) => this.document.positionAt(offset).line);
    [this.text, this.lineCount] = [text, this.document.lineCount];
    this.lines = documentLines(this.document);
    this.index.edit(this.lines, edit);
  }

  /** Resolves when the whole document is read, or closed. */
  whole(): Promise<void> {
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async read(): Promise<void> {
    while (this.hasMore()) {
      const start = performance.now();
      while (this.hasMore() && performance.now() - start < longestTurn) this.index.step();
      await nextTurn();
    }
  }

  private hasMore(): boolean {
    return !this.index.isComplete && !this.closed.signal.aborted;
  }
}

function documentLines(document: TextDocument): DocumentLines {
  const raw = (from: number, to: number): string => document.getText({ start: { line: from, character: 0 }, end: { line: to, character: 0 } });
  // The protocol counts a lone carriage return as a line end.
  const text = (from: number, to: number): string => raw(from, to).replace(/\r\n?/g, "\n");
  return { count: document.lineCount, text, line: (number) => raw(number, number + 1).replace(/[\r\n]+$/, "") };
}
