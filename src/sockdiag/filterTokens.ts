import { FilterError } from "./filterExpression";

export interface FilterToken {
  readonly kind: "word" | "operator" | "end";
  readonly text: string;
  readonly position: number;
}

/** Operators, longest first; everything else up to white space or an operator is a word. */
const tokenPattern = /\s*(?:(!=|==|>=|<=|&&|\|\||[!=<>&|()])|([^\s!=<>&|()]+))/y;

/** Always ends with one `end`. */
export function tokenizeFilter(text: string): FilterToken[] {
  const tokens: FilterToken[] = [];
  tokenPattern.lastIndex = 0;
  for (let at = 0; text.slice(at).trim() !== ""; at = tokenPattern.lastIndex) {
    tokenPattern.lastIndex = at;
    const match = tokenPattern.exec(text);
    const [, operator, word] = match ?? [];
    const token = operator ?? word;
    if (token === undefined) throw new FilterError("filter/syntax", "this cannot be read", at, 1);
    tokens.push({ kind: operator === undefined ? "word" : "operator", text: token, position: tokenPattern.lastIndex - token.length });
  }
  return [...tokens, { kind: "end", text: "", position: text.length }];
}
