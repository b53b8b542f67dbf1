/**
 * Tokens of a bpftrace program. The parser asks for one at a time, since what a character means depends on where it stands: a slash divides, ends a
 * predicate or begins a path; the text of an attach point has words of its own. (bpftrace 0.9 to 0.25: src/lexer.l; 0.26: src/parser.)
 */
import type { Span } from "./syntax";

export type TokenKind = "identifier" | "variable" | "map" | "parameter" | "number" | "string" | "operator" | "preprocessor" | "unknown" | "end";

export interface Token extends Span {
  readonly kind: TokenKind;
  readonly text: string;
  /** A line ends between the token before and this one. */
  readonly onNewLine: boolean;
}

type Pattern = readonly [TokenKind, RegExp];

const identifier: Pattern = ["identifier", /[A-Za-z_]\w*/y];
const number: Pattern = ["number", /0[xX][0-9a-fA-F_]+[uUlL]*|\d[\d_]*(?:[eE]\d+)?[A-Za-z]*/y];
const others: readonly Pattern[] = [
  ["parameter", /\$(?:\d+|#)/y],
  ["variable", /\$[A-Za-z_]?\w*/y],
  ["map", /@[A-Za-z_]?\w*/y],
  ["string", /"(?:[^"\\\n]|\\[^\n])*"?/y],
  ["operator", /<<=|>>=|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||\+=|-=|\*=|\/=|%=|&=|\|=|\^=|\.\.|[-+*/%=<>!~&|^?:;,.(){}[\]]/y],
];
const space = /\s+/y;
const lineComment = /\/\/[^\n]*/y;
const blockComment = /\/\*[^]*?(?:\*\/|$(?![^]))/y;

const [words, numbers] = [[identifier], [number]];

/** By the first character; most tokens are words. */
function patternsFor(code: number): readonly Pattern[] {
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95) return words;
  return code >= 48 && code <= 57 ? numbers : others;
}

export class Lexer {
  /** Looking ahead and going on ask for the same token. */
  private last: { readonly offset: number; readonly token: Token } | undefined;
  readonly comments: Span[] = [];
  private readonly seenComments = new Set<number>();

  constructor(readonly text: string) {}

  /** The token at or after `offset`; beyond the text it is the end. */
  next(offset: number): Token {
    if (this.last?.offset === offset) return this.last.token;
    const token = this.read(offset);
    this.last = { offset, token };
    return token;
  }

  private read(offset: number): Token {
    const start = this.skipTrivia(offset);
    const onNewLine = start > offset && this.text.slice(offset, start).includes("\n");
    if (start >= this.text.length) return { kind: "end", text: "", start: this.text.length, end: this.text.length, onNewLine };
    if (this.text[start] === "#" && this.isFirstInLine(start)) return this.preprocessor(start, onNewLine);
    for (const [kind, pattern] of patternsFor(this.text.charCodeAt(start))) {
      const text = match(pattern, this.text, start);
      if (text !== undefined) return { kind, text, start, end: start + text.length, onNewLine };
    }
    const text = String.fromCodePoint(this.text.codePointAt(start) ?? 0);
    return { kind: "unknown", text, start, end: start + text.length, onNewLine };
  }

  /** The first offset at or after this one that is neither space nor comment. */
  skipTrivia(offset: number): number {
    let at = offset;
    for (;;) {
      at += match(space, this.text, at)?.length ?? 0;
      if (this.text[at] !== "/") return at;
      const comment = match(lineComment, this.text, at) ?? match(blockComment, this.text, at);
      if (comment === undefined) return at;
      this.noteComment(at, at + comment.length);
      at += comment.length;
    }
  }

  private noteComment(start: number, end: number): void {
    if (this.seenComments.has(start)) return;
    this.seenComments.add(start);
    this.comments.push({ start, end });
  }

  private isFirstInLine(offset: number): boolean {
    let at = offset - 1;
    while (at >= 0 && (this.text[at] === " " || this.text[at] === "\t")) at--;
    return at < 0 || this.text[at] === "\n" || this.text[at] === "\r";
  }

  /** A line for the C preprocessor, with the lines that a backslash joins to it. */
  private preprocessor(start: number, onNewLine: boolean): Token {
    let end = start;
    do {
      const newline = this.text.indexOf("\n", end + (end === start ? 0 : 1));
      end = newline < 0 ? this.text.length : newline;
    } while (end < this.text.length && /\\\r?$/.test(this.text.slice(Math.max(start, end - 2), end)));
    return { kind: "preprocessor", text: this.text.slice(start, end), start, end, onNewLine };
  }
}

function match(pattern: RegExp, text: string, offset: number): string | undefined {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0];
}
