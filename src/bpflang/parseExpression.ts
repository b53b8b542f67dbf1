/**
 * Expressions, by precedence climbing. A cast is told from a bracket by what stands in it and after it: a type with a keyword, a pointer or a name
 * of a built-in type, or a plain name before something that cannot continue an expression.
 */
import { parseBlock, parseIf } from "./parseStatement";
import { isBuiltinType, parseTypeName } from "./parseTypeName";
import type { Call, Cast, Expression, MapAccess, Member, Name, RecordLiteral, TypeName, TypeQuery } from "./syntax";
import type { Token } from "./lexer";
import type { TokenCursor } from "./tokenCursor";

const precedence: Readonly<Record<string, number>> = {
  "||": 1, "&&": 2, "|": 3, "^": 4, "&": 5, "==": 6, "!=": 6, "<": 7, ">": 7, "<=": 7, ">=": 7, "<<": 8, ">>": 8, "+": 9, "-": 9, "*": 10, "/": 10, "%": 10,
};

export function parseExpression(cursor: TokenCursor): Expression {
  return cursor.nested(() => parseConditional(cursor), () => cursor.missing());
}

function parseConditional(cursor: TokenCursor): Expression {
  const { start } = cursor.token;
  const condition = parseBinary(cursor, 1);
  if (!cursor.accept("?")) return condition;
  const then = cursor.is(":") ? undefined : parseExpression(cursor);
  cursor.expect(":", "of the condition");
  const otherwise = parseExpression(cursor);
  return { kind: "conditional", condition, ...(then && { then }), otherwise, ...cursor.spanFrom(start) };
}

function parseBinary(cursor: TokenCursor, lowest: number): Expression {
  const { start } = cursor.token;
  let left = parseUnary(cursor);
  for (;;) {
    const operator = cursor.token.kind === "operator" ? cursor.token.text : "";
    const level = precedence[operator];
    if (level === undefined || level < lowest || cursor.endsPredicate()) return left;
    cursor.advance();
    const right = cursor.nested(() => parseBinary(cursor, level + 1), () => cursor.missing());
    left = { kind: "binary", operator, left, right, ...cursor.spanFrom(start) };
  }
}

const prefixes = new Set(["!", "~", "-", "+", "*", "&", "++", "--", "comptime"]);

function parseUnary(cursor: TokenCursor): Expression {
  const { token } = cursor;
  const isPrefix = prefixes.has(token.text) && token.kind !== "string";
  if (!isPrefix) return parsePostfix(cursor);
  cursor.advance();
  const operand = cursor.nested(() => parseUnary(cursor), () => cursor.missing());
  return { kind: "unary", operator: token.text, postfix: false, operand, ...cursor.spanFrom(token.start) };
}

function parsePostfix(cursor: TokenCursor): Expression {
  const { start } = cursor.token;
  let left = parsePrimary(cursor);
  for (;;) {
    if (cursor.is(".") || cursor.is("->")) left = parseMember(cursor, left, start);
    else if (cursor.is("[") && left.kind !== "missing") {
      cursor.advance();
      const index = parseExpression(cursor);
      // Keys of several parts after something that is no map are read and dropped.
      while (cursor.accept(",")) parseExpression(cursor);
      cursor.expect("]");
      left = { kind: "index", object: left, index, ...cursor.spanFrom(start) };
    } else if ((cursor.is("++") || cursor.is("--")) && isPlace(left) && !cursor.token.onNewLine) {
      const operator = cursor.advance().text;
      left = { kind: "unary", operator, postfix: true, operand: left, ...cursor.spanFrom(start) };
    } else return left;
  }
}

const isPlace = (expression: Expression): boolean => expression.kind === "variable" || expression.kind === "map" || expression.kind === "identifier";

function parseMember(cursor: TokenCursor, object: Expression, start: number): Member {
  const operator = cursor.advance();
  const field = parseField(cursor);
  return { kind: "member", object, operator, field, ...cursor.spanFrom(start) };
}

/** A name, or the number of a tuple's part. A call in the next line is no field: the line before it is unfinished. */
function parseField(cursor: TokenCursor): Name {
  if (cursor.token.kind === "number") return cursor.advance();
  const isNextStatement = cursor.token.onNewLine && cursor.token.kind === "identifier" && /^[({]/.test(cursor.peek().text);
  if (!isNextStatement) return cursor.expectName("the name of a field");
  cursor.complain({ start: Math.max(0, cursor.lastEnd - 1), end: cursor.lastEnd }, "expected the name of a field");
  return { start: cursor.lastEnd, end: cursor.lastEnd, text: "" };
}

function parsePrimary(cursor: TokenCursor): Expression {
  const { token } = cursor;
  switch (token.kind) {
    case "number":
    case "string":
      cursor.advance();
      if (token.kind === "string" && !/^"(?:[^"\\]|\\.)*"$/.test(token.text)) cursor.complain(token, "the string has no end");
      return { kind: token.kind, text: token.text, start: token.start, end: token.end };
    case "variable":
      cursor.advance();
      if (token.text === "$") cursor.complain(token, "expected the name of a variable");
      return { kind: "variable", text: token.text, start: token.start, end: token.end };
    case "parameter":
      cursor.advance();
      return { kind: "parameter", text: token.text, start: token.start, end: token.end };
    case "map":
      return parseMap(cursor);
    case "identifier":
      return parseWord(cursor);
    default:
      if (cursor.is("(")) return parseBrackets(cursor);
      if (cursor.is("{")) return { kind: "blockValue", ...cursor.spanFrom(token.start), body: parseBlock(cursor), end: cursor.lastEnd };
      cursor.complainHere("expected an expression");
      return cursor.missing();
  }
}

function parseMap(cursor: TokenCursor): MapAccess {
  const name = cursor.advance();
  if (!cursor.is("[") || (cursor.token.onNewLine && name.text !== "@")) return { kind: "map", name, start: name.start, end: name.end };
  cursor.advance();
  const keys = parseList(cursor, "]");
  return { kind: "map", name, keys, ...cursor.spanFrom(name.start) };
}

/** Up to and with the closing bracket; a statement's end or a block closes it too, so that half a call does not swallow what follows. */
function parseList(cursor: TokenCursor, closing: ")" | "]"): Expression[] {
  const items: Expression[] = [];
  while (!cursor.is(closing) && !cursor.atEnd()) {
    if (cursor.is(";") || cursor.is("}")) break;
    const before = cursor.token.start;
    items.push(parseExpression(cursor));
    if (!cursor.accept(",") && !cursor.is(closing)) break;
    if (cursor.token.start === before) cursor.advance();
  }
  cursor.expect(closing);
  return items;
}

const queries = new Set(["sizeof", "offsetof", "typeof", "typeinfo"]);

function parseWord(cursor: TokenCursor): Expression {
  const { token } = cursor;
  if (queries.has(token.text) && cursor.peek().text === "(") return parseQuery(cursor);
  if (token.text === "if") return { kind: "blockValue", start: token.start, body: parseIf(cursor), end: cursor.lastEnd };
  cursor.advance();
  if (cursor.is("!") && cursor.peek().text === "(" && cursor.token.start === token.end) cursor.advance();
  if (!cursor.is("(") || cursor.token.onNewLine) return { kind: "identifier", text: token.text, start: token.start, end: token.end };
  return parseCall(cursor, token);
}

function parseCall(cursor: TokenCursor, name: Name): Call {
  const open = cursor.advance().start;
  const args = withoutPredicate(cursor, () => parseList(cursor, ")"));
  return { kind: "call", name, args, brackets: cursor.spanFrom(open), ...cursor.spanFrom(name.start) };
}

/** In brackets a slash always divides. */
function withoutPredicate<T>(cursor: TokenCursor, body: () => T): T {
  const { inPredicate } = cursor;
  cursor.inPredicate = false;
  const result = body();
  cursor.inPredicate = inPredicate;
  return result;
}

function parseQuery(cursor: TokenCursor): TypeQuery {
  const name = cursor.advance();
  const open = cursor.advance().start;
  const type = parseTypeInBrackets(cursor);
  const operand = type ? undefined : parseExpression(cursor);
  const fields: Name[] = [];
  if (cursor.accept(",")) {
    do fields.push(cursor.expectName("the name of a field"));
    while (cursor.accept("."));
  }
  cursor.expect(")");
  return { kind: "query", name, ...(type && { type }), ...(operand && { operand }), fields, brackets: cursor.spanFrom(open), ...cursor.spanFrom(name.start) };
}

/** sizeof(struct sock), sizeof(uint32), offsetof(struct sock, x): a type when nothing but a comma or the bracket follows. */
function parseTypeInBrackets(cursor: TokenCursor): TypeQuery["type"] {
  const { token } = cursor;
  if (token.kind !== "identifier" || !(isTypeKeyword(token.text) || isBuiltinType(token.text))) return undefined;
  const back = cursor.mark();
  const type = parseTypeName(cursor);
  if (cursor.is(")") || cursor.is(",")) return type;
  back();
  return undefined;
}

const isTypeKeyword = (text: string): boolean => text === "struct" || text === "union" || text === "enum" || text === "const" || text === "volatile";

/** A cast, a tuple, or an expression, whose place is that of what stands in the brackets: `($x)` names a variable as `$x` does. */
function parseBrackets(cursor: TokenCursor): Expression {
  const { start } = cursor.token;
  const cast = parseCast(cursor);
  if (cast) return cast;
  cursor.advance();
  return withoutPredicate(cursor, () => {
    if (cursor.token.kind === "identifier" && cursor.peek().text === "=") return parseRecord(cursor, start);
    const items: Expression[] = [];
    let isTuple = cursor.is(")");
    while (!cursor.is(")") && !cursor.atEnd()) {
      items.push(parseExpression(cursor));
      if (!cursor.accept(",")) break;
      isTuple = true;
    }
    cursor.expect(")");
    const [only] = items;
    return only && !isTuple ? only : { kind: "tuple", items, ...cursor.spanFrom(start) };
  });
}

function parseRecord(cursor: TokenCursor, start: number): RecordLiteral {
  const fields: { readonly name: Name; readonly value: Expression }[] = [];
  while (cursor.token.kind === "identifier") {
    const name = cursor.advance();
    cursor.expect("=");
    fields.push({ name, value: parseExpression(cursor) });
    if (!cursor.accept(",")) break;
  }
  cursor.expect(")");
  return { kind: "record", fields, ...cursor.spanFrom(start) };
}

function parseCast(cursor: TokenCursor): Cast | undefined {
  const first = cursor.peek();
  if (first.kind !== "identifier") return undefined;
  const isType = isTypeKeyword(first.text) || isBuiltinType(first.text) || first.text === "typeof";
  const back = cursor.mark();
  const { start } = cursor.advance();
  const { length } = cursor.problems;
  const type = parseDeclaredType(cursor);
  if (type && cursor.is(")") && cursor.problems.length === length) {
    cursor.advance();
    if (startsOperand(cursor, isType || type.pointers > 0)) {
      const operand = cursor.nested(() => parseUnary(cursor), () => cursor.missing());
      return { kind: "cast", type, operand, ...cursor.spanFrom(start) };
    }
    if (isType) {
      cursor.complainHere("expected an expression after the cast");
      return { kind: "cast", type, operand: cursor.missing(), ...cursor.spanFrom(start) };
    }
  }
  cursor.problems.length = length;
  back();
  return undefined;
}

/** `typeof($x)`: a type without a name of its own. */
function parseTypeOf(cursor: TokenCursor): TypeName {
  const query = parseQuery(cursor);
  const { start, end } = query;
  return { name: { start, end, text: "" }, query, pointers: 0, dimensions: [], start, end };
}

/** The type of a variable or parameter, behind its colon. */
export const parseDeclaredType = (cursor: TokenCursor): TypeName | undefined => (isTypeOf(cursor.token, cursor.peek()) ? parseTypeOf(cursor) : parseTypeName(cursor));

const isTypeOf = ({ text }: Token, next: Token): boolean => text === "typeof" && next.text === "(";

/** What can only be a cast's operand; after a plain name in brackets `-`, `*` and `&` are operators. */
function startsOperand(cursor: TokenCursor, isSure: boolean): boolean {
  const { kind, text } = cursor.token;
  if (kind === "identifier" || kind === "number" || kind === "string" || kind === "variable" || kind === "map" || kind === "parameter") return isSure || !cursor.token.onNewLine;
  return text === "(" || (isSure && ["-", "*", "&", "!", "~", "++", "--"].includes(text));
}
