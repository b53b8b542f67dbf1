/**
 * Lays a program out anew: indentation by blocks, one space where the language has one. Lines stay lines, and nothing but space is ever changed:
 * comments, directives for the C preprocessor, strings and attach points keep their text.
 */
import { Lexer, type Token } from "./lexer";
import { parseProgram } from "./parseProgram";
import type { Span } from "./syntax";

export interface FormatOptions {
  /** One step of indentation. */
  readonly indent: string;
}

/** @returns the text itself when the program has a mistake in its syntax */
export function formatProgram(text: string, { indent }: FormatOptions): string {
  const program = parseProgram(text);
  if (program.problems.length > 0) return text;
  const bodies = program.items.flatMap((item): Span[] => {
    if (item.kind === "probe" || item.kind === "macro" || item.kind === "subprogram") return item.body ? [item.body] : [];
    return item.kind === "config" ? [{ start: item.keyword.start, end: item.end }] : [];
  });
  const kept = [...program.comments, ...program.items.filter(({ kind }) => kind === "preprocessor" || kind === "definition")];
  const lines = new Layout(text, indent, bodies, kept).lines();
  return `${withoutBlankRuns(lines).join("\n").trimEnd()}\n`;
}

/** At most one empty line between two others. */
const withoutBlankRuns = (lines: readonly string[]): readonly string[] => lines.filter((line, index) => line !== "" || (lines[index - 1] ?? "") !== "");

class Layout {
  private readonly lexer: Lexer;
  private depth = 0;
  private brackets = 0;
  private isContinued = false;

  constructor(
    private readonly text: string,
    private readonly indent: string,
    private readonly bodies: readonly Span[],
    private readonly kept: readonly Span[],
  ) {
    this.lexer = new Lexer(text);
  }

  lines(): string[] {
    const result: string[] = [];
    for (let start = 0; start <= this.text.length; ) {
      const newline = this.text.indexOf("\n", start);
      const end = newline < 0 ? this.text.length : newline;
      result.push(this.line(start, end));
      start = end + 1;
    }
    return result;
  }

  private line(start: number, end: number): string {
    const first = start + (/^[^\S\n]*/.exec(this.text.slice(start, end))?.[0].length ?? 0);
    if (first >= end) return "";
    // A comment or definition that began in an earlier line stays as it is.
    if (this.kept.some((span) => span.start < start && start < span.end)) return this.text.slice(start, end).trimEnd();
    if (this.kept.some((span) => span.start === first && this.text[first] === "#")) return this.text.slice(start, end).trimEnd();
    const tokens = this.tokensIn(first, end);
    const closing = tokens[0]?.text === "}" ? 1 : 0;
    const level = Math.max(0, this.depth - closing) + (this.isContinued && closing === 0 && this.depth > 0 && tokens[0]?.text !== "{" ? 1 : 0);
    const content = this.spaced(tokens, first, end);
    this.follow(tokens);
    return `${this.indent.repeat(level)}${content}`;
  }

  private tokensIn(start: number, end: number): Token[] {
    const tokens: Token[] = [];
    for (let token = this.lexer.next(start); token.kind !== "end" && token.start < end; token = this.lexer.next(token.end)) tokens.push(token);
    return tokens;
  }

  private follow(tokens: readonly Token[]): void {
    for (const token of tokens) {
      if (token.kind !== "operator") continue;
      if (token.text === "{") this.depth++;
      else if (token.text === "}") this.depth--;
      else if (token.text === "(" || token.text === "[") this.brackets++;
      else if (token.text === ")" || token.text === "]") this.brackets--;
    }
    const last = tokens.at(-1);
    if (last) this.isContinued = this.brackets > 0 || ![";", "{", "}"].includes(last.text);
  }

  /** The tokens with one space, or none, or what is there where taste decides. Comments between them keep the space around them. */
  private spaced(tokens: readonly Token[], start: number, end: number): string {
    let result = "";
    let at = start;
    let previous: Token | undefined;
    for (const token of tokens) {
      const gap = this.text.slice(at, token.start);
      result += previous && /^[^\S\n]*$/.test(gap) ? this.gap(previous, token, gap) : gap;
      result += token.text;
      at = token.end;
      previous = token;
    }
    return (result + this.text.slice(at, end)).trimEnd();
  }

  /** Attach points and predicates keep the space they have. */
  private gap(before: Token, after: Token, gap: string): string {
    if (this.bodies.some((body) => body.start <= before.start && before.start < body.end)) return space(before, after, gap);
    return this.bodies.some((body) => body.start === after.start) ? " " : gap;
  }
}

const assignments = new Set(["=", "+=", "-=", "*=", "%=", "&=", "|=", "^=", "<<=", ">>=", "==", "!=", "&&", "||"]);

function space(before: Token, after: Token, gap: string): string {
  if (after.text === ";" || after.text === ",") return "";
  if (before.text === "," || assignments.has(before.text) || assignments.has(after.text)) return " ";
  if (after.text === "{" || before.text === "{" || after.text === "}" || (before.text === "}" && after.kind === "identifier")) return " ";
  if (before.kind === "identifier" && ["if", "while", "for", "unroll", "else", "return"].includes(before.text)) return after.text === ";" ? "" : " ";
  return gap === "" ? "" : " ";
}
