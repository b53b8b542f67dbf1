/** `struct X { … };` at the top of a program is C, read by clang there. Here it is read as far as names and simple types of its fields go. */
import { parseTypeName } from "./parseTypeName";
import type { CDefinition, Name, TypeName } from "./syntax";
import type { TokenCursor } from "./tokenCursor";

export function parseDefinition(cursor: TokenCursor, keyword: CDefinition["keyword"]): CDefinition {
  const { start } = cursor.advance();
  const name = cursor.is("{") ? { start: cursor.lastEnd, end: cursor.lastEnd, text: "" } : cursor.advance();
  const fields: CDefinition["fields"][number][] = [];
  if (cursor.expect("{")) {
    while (!cursor.is("}") && !cursor.atEnd()) {
      const before = cursor.token.start;
      if (keyword === "enum") parseEnumerator(cursor, fields);
      else parseFields(cursor, fields);
      if (cursor.token.start === before) cursor.advance();
    }
    cursor.expect("}");
  }
  skipAttributes(cursor);
  cursor.accept(";");
  return { kind: "definition", keyword, name, fields, ...cursor.spanFrom(start) };
}

type Fields = CDefinition["fields"][number][];

function parseEnumerator(cursor: TokenCursor, fields: Fields): void {
  if (cursor.token.kind === "identifier") fields.push({ name: cursor.advance() });
  while (!cursor.is(",") && !cursor.is("}") && !cursor.atEnd()) cursor.advance();
  cursor.accept(",");
}

function parseFields(cursor: TokenCursor, fields: Fields): void {
  const isAnonymous = (cursor.is("struct") || cursor.is("union")) && cursor.peek().text === "{";
  if (isAnonymous) cursor.advance();
  const type = cursor.token.kind === "identifier" ? parseTypeName(cursor) : undefined;
  if (cursor.is("{")) {
    // Members of an anonymous structure are reached as if they were the outer one's own.
    cursor.advance();
    while (!cursor.is("}") && !cursor.atEnd()) {
      const before = cursor.token.start;
      cursor.nested(() => parseFields(cursor, fields), () => undefined);
      if (cursor.token.start === before) cursor.advance();
    }
    cursor.accept("}");
  }
  let last: Name | undefined;
  while (!cursor.is(";") && !cursor.is("}") && !cursor.atEnd()) {
    if (cursor.token.kind === "identifier") last = cursor.advance();
    else if (cursor.is(",")) {
      note(fields, last, type);
      last = undefined;
      cursor.advance();
    } else skipBracketed(cursor);
  }
  note(fields, last, type);
  cursor.accept(";");
}

/** `int a, b`: no two nodes of a tree share a part, so that it can be moved. */
function note(fields: Fields, name: Name | undefined, type: TypeName | undefined): void {
  if (name) fields.push({ name, ...(type && { type: { ...type, name: { ...type.name } } }) });
}

function skipBracketed(cursor: TokenCursor): void {
  const isDimension = cursor.is("[");
  const isWidth = cursor.is(":");
  cursor.advance();
  if (isWidth && cursor.token.kind === "number") cursor.advance();
  while (isDimension && !cursor.is("]") && !cursor.is(";") && !cursor.is("}") && !cursor.atEnd()) cursor.advance();
  if (isDimension) cursor.accept("]");
}

function skipAttributes(cursor: TokenCursor): void {
  while (cursor.is("__attribute__") && cursor.peek().text === "(") {
    cursor.advance();
    let depth = 0;
    do {
      if (cursor.is("(")) depth++;
      if (cursor.is(")")) depth--;
      cursor.advance();
    } while (depth > 0 && !cursor.atEnd());
  }
}
