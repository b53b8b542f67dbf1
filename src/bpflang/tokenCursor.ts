import { Lexer, type Token, type TokenKind } from "./lexer";
import type { Missing, Name, Span, SyntaxProblem } from "./syntax";

/** More would not be read by anybody; random bytes yield one for each. */
const maxProblems = 100;
/** Brackets and operators nested deeper than any program's. */
const maxDepth = 120;

/** The parser's place in the text: the token it looks at, what it has complained of, and how deep it is. */
export class TokenCursor {
  /** Since they were last taken. */
  readonly problems: SyntaxProblem[] = [];
  readonly lexer: Lexer;
  token: Token;
  /** Where the last consumed token ended. */
  lastEnd: number;
  /** Inside a predicate a slash before the block ends it. */
  inPredicate = false;
  private depth = 0;

  /** @param from where a token ended, or 0 */
  constructor(
    readonly text: string,
    from = 0,
  ) {
    this.lexer = new Lexer(text);
    this.lastEnd = from;
    this.token = this.lexer.next(from);
  }

  takeProblems(): readonly SyntaxProblem[] {
    return this.problems.splice(0);
  }

  advance(): Token {
    const taken = this.token;
    this.lastEnd = taken.end;
    this.token = this.lexer.next(taken.end);
    return taken;
  }

  /** Goes on at an offset that somebody else has read up to. */
  seek(offset: number): void {
    this.lastEnd = offset;
    this.token = this.lexer.next(offset);
  }

  /** The token after the current one. */
  peek(): Token {
    return this.lexer.next(this.token.end);
  }

  mark(): () => void {
    const { token, lastEnd } = this;
    return () => {
      this.token = token;
      this.lastEnd = lastEnd;
    };
  }

  is(text: string): boolean {
    return this.token.text === text && this.token.kind !== "string" && this.token.kind !== "end";
  }

  isKind(...kinds: readonly TokenKind[]): boolean {
    return kinds.includes(this.token.kind);
  }

  atEnd(): boolean {
    return this.token.kind === "end";
  }

  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.advance();
    return true;
  }

  /** Consumes it, or complains where it should have stood. */
  expect(text: string, after?: string): boolean {
    if (this.accept(text)) return true;
    this.complainHere(`expected ${quoted(text)}${after === undefined ? "" : ` ${after}`}`);
    return false;
  }

  expectName(what: string): Name {
    if (this.token.kind === "identifier") return this.advance();
    this.complainHere(`expected ${what}`);
    return { start: this.lastEnd, end: this.lastEnd, text: "" };
  }

  /** About the current token, or about the end of the line before when something is missing there. */
  complainHere(message: string): void {
    const { token } = this;
    const isMissing = message.startsWith("expected") && (token.onNewLine || token.kind === "end");
    const span = isMissing ? { start: Math.max(0, this.lastEnd - 1), end: this.lastEnd } : { start: token.start, end: Math.max(token.end, token.start) };
    this.complain(span, isMissing || token.text === "" ? message : `${message}, found ${quoted(token.text.slice(0, 40))}`);
  }

  /** Once for a place: what follows a mistake is mostly its echo. */
  complain({ start, end }: Span, message: string): void {
    const last = this.problems.at(-1);
    if (this.problems.length >= maxProblems || (last && last.start <= start && start <= last.end)) return;
    this.problems.push({ start, end, message });
  }

  missing(): Missing {
    return { kind: "missing", start: this.lastEnd, end: this.lastEnd };
  }

  /** Runs `body` one level deeper; beyond the limit it complains and skips a token, so that everything comes to an end. */
  nested<T>(body: () => T, otherwise: () => T): T {
    if (this.depth >= maxDepth) {
      this.complainHere("nested too deeply");
      this.advance();
      return otherwise();
    }
    this.depth++;
    try {
      return body();
    } finally {
      this.depth--;
    }
  }

  /** Whether the slash at the current token ends the predicate: the block, or nothing, comes next. */
  endsPredicate(): boolean {
    if (!this.inPredicate || !this.is("/")) return false;
    const next = this.peek();
    return next.text === "{" || next.text === "/" || next.kind === "end";
  }

  spanFrom(start: number): Span {
    return { start, end: Math.max(start, this.lastEnd) };
  }
}

const quoted = (text: string): string => `“${text}”`;
