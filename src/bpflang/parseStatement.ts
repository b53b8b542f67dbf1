import { parseDeclaredType, parseExpression } from "./parseExpression";
import type { Block, Expression, ForEach, If, Import, Let, Loop, Name, Statement } from "./syntax";
import type { TokenCursor } from "./tokenCursor";

const assignments = new Set(["=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>="]);

/** A block; without its opening bracket an empty one, after a complaint. */
export function parseBlock(cursor: TokenCursor): Block {
  return cursor.nested(() => parseBlockHere(cursor), () => emptyBlock(cursor));
}

const emptyBlock = (cursor: TokenCursor): Block => ({ kind: "block", statements: [], start: cursor.lastEnd, end: cursor.lastEnd });

function parseBlockHere(cursor: TokenCursor): Block {
  if (!cursor.is("{")) {
    cursor.complainHere("expected “{”");
    return emptyBlock(cursor);
  }
  const { inPredicate } = cursor;
  cursor.inPredicate = false;
  const { start } = cursor.advance();
  const statements: Statement[] = [];
  while (!cursor.is("}") && !cursor.atEnd() && !startsProbe(cursor)) {
    const before = cursor.token.start;
    if (!cursor.accept(";")) statements.push(parseStatement(cursor));
    if (cursor.token.start === before && !cursor.atEnd()) skipStray(cursor);
  }
  // What is typed behind an open block belongs to it.
  if (!cursor.expect("}", "at the end of the block")) cursor.lastEnd = Math.max(cursor.lastEnd, cursor.token.start);
  cursor.inPredicate = inPredicate;
  return { kind: "block", statements, ...cursor.spanFrom(start) };
}

function skipStray(cursor: TokenCursor): void {
  cursor.complainHere("not expected here");
  cursor.advance();
}

const provider = /^(?:k(?:ret)?probe|u(?:ret)?probe|f(?:entry|exit)|k(?:ret)?func|(?:raw)?tracepoint|usdt|profile|interval|software|hardware|(?:async)?watchpoint|iter|BEGIN|END)$/;

/** A block that was not closed must not swallow the next probe: a provider at the start of a line begins one. */
function startsProbe(cursor: TokenCursor): boolean {
  const { token } = cursor;
  if (!token.onNewLine || token.kind !== "identifier" || !provider.test(token.text)) return false;
  const isAtMargin = token.start === 0 || cursor.text[token.start - 1] === "\n";
  const next = cursor.text[token.end];
  return isAtMargin && (next === ":" || ((token.text === "BEGIN" || token.text === "END") && cursor.peek().text === "{"));
}

function parseStatement(cursor: TokenCursor): Statement {
  if (cursor.token.kind === "identifier") {
    switch (cursor.token.text) {
      case "if":
        return parseIf(cursor);
      case "while":
      case "unroll":
        return parseLoop(cursor, cursor.token.text);
      case "for":
        return parseFor(cursor);
      case "let":
        return parseLet(cursor);
      case "import":
        return parseImport(cursor);
      case "return":
      case "break":
      case "continue":
        return parseJump(cursor, cursor.token.text);
    }
  }
  if (cursor.is("{")) return parseBlock(cursor);
  return parseExpressionStatement(cursor);
}

export function parseIf(cursor: TokenCursor): If {
  const { start } = cursor.advance();
  const condition = parseExpression(cursor);
  const then = parseBlock(cursor);
  if (!cursor.accept("else")) return { kind: "if", condition, then, ...cursor.spanFrom(start) };
  const otherwise = cursor.is("if") ? cursor.nested<If | Block>(() => parseIf(cursor), () => emptyBlock(cursor)) : parseBlock(cursor);
  return { kind: "if", condition, then, otherwise, ...cursor.spanFrom(start) };
}

function parseLoop(cursor: TokenCursor, kind: Loop["kind"]): Loop {
  const { start } = cursor.advance();
  const condition = parseExpression(cursor);
  return { kind, condition, body: parseBlock(cursor), ...cursor.spanFrom(start) };
}

/** `for ($kv : @map)`, `for $i : 0..10`; the brackets may be left out since 0.22. */
function parseFor(cursor: TokenCursor): ForEach {
  const { start } = cursor.advance();
  const inBrackets = cursor.accept("(");
  const name = parseVariableName(cursor);
  cursor.expect(":");
  const from = parseExpression(cursor);
  const to = cursor.accept("..") ? parseExpression(cursor) : undefined;
  if (inBrackets) cursor.expect(")");
  return { kind: "for", name, from, ...(to && { to }), body: parseBlock(cursor), ...cursor.spanFrom(start) };
}

function parseVariableName(cursor: TokenCursor): Name {
  if (cursor.token.kind === "variable") return cursor.advance();
  cursor.complainHere("expected a variable");
  return { start: cursor.lastEnd, end: cursor.lastEnd, text: "" };
}

function parseLet(cursor: TokenCursor): Let {
  const { start } = cursor.advance();
  const name = parseVariableName(cursor);
  const type = cursor.accept(":") ? parseDeclaredType(cursor) : undefined;
  const value = cursor.accept("=") ? parseExpression(cursor) : undefined;
  endStatement(cursor);
  return { kind: "let", name, ...(type && { type }), ...(value && { value }), ...cursor.spanFrom(start) };
}

export function parseImport(cursor: TokenCursor): Import {
  const { start } = cursor.advance();
  const path = cursor.token.kind === "string" ? cursor.advance() : undefined;
  if (!path) cursor.complainHere("expected a path in quotation marks");
  endStatement(cursor);
  return { kind: "import", ...(path && { path }), ...cursor.spanFrom(start) };
}

function parseJump(cursor: TokenCursor, kind: "return" | "break" | "continue"): Statement {
  const { start } = cursor.advance();
  const hasValue = kind === "return" && !cursor.is(";") && !cursor.is("}") && !cursor.atEnd();
  const value = hasValue ? parseExpression(cursor) : undefined;
  endStatement(cursor);
  return { kind, ...(value && { value }), ...cursor.spanFrom(start) };
}

function parseExpressionStatement(cursor: TokenCursor): Statement {
  const { start } = cursor.token;
  const expression = parseExpression(cursor);
  if (cursor.token.kind === "operator" && assignments.has(cursor.token.text)) {
    const operator = cursor.advance().text;
    if (!isAssignable(expression)) cursor.complain(expression, "only a variable or a map can be assigned to");
    const value = parseExpression(cursor);
    endStatement(cursor);
    return { kind: "assign", target: expression, operator, value, ...cursor.spanFrom(start) };
  }
  if (expression.kind !== "blockValue") endStatement(cursor);
  return { kind: "expression", expression, ...cursor.spanFrom(start) };
}

const isAssignable = ({ kind, ...rest }: Expression): boolean => kind === "variable" || kind === "map" || kind === "missing" || (kind === "identifier" && "text" in rest);

/** A semicolon; the last statement of a block may do without. */
function endStatement(cursor: TokenCursor): void {
  if (cursor.accept(";") || cursor.is("}")) return;
  cursor.complainHere("expected “;”");
}
