import type { Name, TypeName } from "./syntax";
import type { TokenCursor } from "./tokenCursor";

const builtinType = /^(?:u?int(?:8|16|32|64)|bool|void|string|inet|buffer|(?:str|inet|buf|usym|ksym|kstack|ustack|username|timestamp|macaddr|cgroup_path|strerror|probe|count|sum|avg|min|max|stats|hist|lhist|tseries|u(?:sum|avg|min|max|stats|count))_t|char|short|int|long|unsigned|signed|size_t)$/;

export const isBuiltinType = (name: string): boolean => builtinType.test(name);

/** A type at the cursor, or undefined, with the cursor where it was. C's types of several words count as one name. */
export function parseTypeName(cursor: TokenCursor): TypeName | undefined {
  if (cursor.token.kind !== "identifier") return undefined;
  const { start } = cursor.token;
  while (cursor.is("const") || cursor.is("volatile")) cursor.advance();
  const keyword = cursor.is("struct") || cursor.is("union") || cursor.is("enum") ? (cursor.advance().text as "struct" | "union" | "enum") : undefined;
  const name = keyword === undefined ? plainName(cursor) : cursor.expectName(`the name of a ${keyword}`);
  let pointers = 0;
  while (cursor.is("*") || cursor.is("const")) if (cursor.advance().text === "*") pointers++;
  const dimensions = parseDimensions(cursor);
  return { ...(keyword && { keyword }), name, pointers, dimensions, ...cursor.spanFrom(start) };
}

const cWord = /^(?:unsigned|signed|long|short|int|char)$/;

function plainName(cursor: TokenCursor): Name {
  const first = cursor.expectName("a type");
  let last = first;
  while (cWord.test(last.text) && cursor.token.kind === "identifier" && cWord.test(cursor.token.text)) last = cursor.advance();
  return last === first ? first : { start: first.start, end: last.end, text: cursor.text.slice(first.start, last.end) };
}

function parseDimensions(cursor: TokenCursor): (number | undefined)[] {
  const dimensions: (number | undefined)[] = [];
  while (cursor.is("[")) {
    cursor.advance();
    const size = cursor.token.kind === "number" || cursor.token.kind === "parameter" || cursor.token.kind === "identifier" ? Number(cursor.advance().text) : undefined;
    dimensions.push(Number.isSafeInteger(size) ? size : undefined);
    if (!cursor.expect("]")) break;
  }
  return dimensions;
}
