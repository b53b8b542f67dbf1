/** A text by lines. Providers and readers ask for the lines they need, so that a text of 10 MB is never copied. */
export interface DocumentLines {
  readonly count: number;
  /** Without its line end; from 0. */
  line(number: number): string;
  /** Lines `from` up to, not including, `to`. */
  text(from: number, to: number): string;
}

/** For texts that are at hand as one string. */
export function linesOf(text: string): DocumentLines {
  const lines = text.split(/\r\n|\n|\r/);
  return { count: lines.length, line: (number) => lines[number] ?? "", text: (from, to) => lines.slice(from, to).join("\n") };
}
