/**
 * A tolerant parser of the bpftrace language, 0.9 to 0.26. It reads any text and always gives a tree; what it cannot read is a problem with its place,
 * and what half-typed text lacks is missing in the tree. Which version has which construct is not its business (see versionChecks.ts).
 */
import { attachPoint, attachPointEnd } from "./attachPoint";
import { parseDefinition } from "./parseDefinition";
import { parseDeclaredType, parseExpression } from "./parseExpression";
import { parseBlock, parseImport } from "./parseStatement";
import { programOf, readSteps } from "./readSteps";
import type { AttachPoint, Config, Item, Macro, MapDeclaration, Name, Probe, Program, Subprogram } from "./syntax";
import { TokenCursor } from "./tokenCursor";

export function parseProgram(text: string): Program {
  const cursor = new TokenCursor(text);
  if (text.startsWith("#!")) cursor.seek(Math.max(2, text.indexOf("\n")));
  const steps = readSteps(cursor, parseItem);
  return programOf(text, steps, cursor.lexer.comments);
}

/** What stands at the top of a program; undefined, with the cursor where it was or beyond a sign, for what does not belong there. */
export function parseItem(cursor: TokenCursor): Item | undefined {
  const { kind, text } = cursor.token;
  if (kind === "preprocessor") return { ...cursor.advance(), kind: "preprocessor" };
  if (cursor.accept(";")) return undefined;
  if (cursor.is("}")) {
    cursor.complainHere("not expected here");
    return undefined;
  }
  const next = kind === "identifier" ? cursor.peek() : undefined;
  if ((text === "struct" || text === "union" || text === "enum") && (next?.kind === "identifier" || next?.text === "{")) return parseDefinition(cursor, text);
  if (text === "config" && next?.text === "=") return parseConfig(cursor);
  if (text === "import" && next?.kind === "string") return parseImport(cursor);
  if (text === "macro" && next?.kind === "identifier") return parseMacro(cursor);
  if (text === "fn" && next?.kind === "identifier") return parseSubprogram(cursor);
  if (text === "let" && next?.kind === "map") return parseMapDeclaration(cursor);
  return parseProbe(cursor);
}

function parseProbe(cursor: TokenCursor): Probe {
  const { start } = cursor.token;
  const points: AttachPoint[] = [];
  if (cursor.token.kind === "identifier" && /^\s*=\s*[\w*]/.test(cursor.text.slice(cursor.token.end, cursor.token.end + 20))) {
    cursor.advance();
    cursor.advance();
  }
  do points.push(parseAttachPoint(cursor));
  while (cursor.accept(","));
  const predicate = cursor.is("/") ? parsePredicate(cursor) : undefined;
  if (!cursor.is("{")) {
    cursor.complainHere("expected “{” and what the probe does");
    return { kind: "probe", points: points.filter(isWritten), ...(predicate && { predicate }), ...cursor.spanFrom(start) };
  }
  const body = parseBlock(cursor);
  return { kind: "probe", points: points.filter(isWritten), ...(predicate && { predicate }), body, ...cursor.spanFrom(start) };
}

const isWritten = ({ start, end }: AttachPoint): boolean => end > start;

function parseAttachPoint(cursor: TokenCursor): AttachPoint {
  const { start } = cursor.token;
  const end = cursor.atEnd() ? start : attachPointEnd(cursor.text, start);
  if (end === start) cursor.complainHere("expected a probe");
  cursor.seek(end);
  return attachPoint(cursor.text, start, end);
}

function parsePredicate(cursor: TokenCursor): Probe["predicate"] {
  cursor.advance();
  cursor.inPredicate = true;
  const predicate = parseExpression(cursor);
  cursor.inPredicate = false;
  cursor.expect("/", "at the end of the predicate");
  return predicate;
}

function parseConfig(cursor: TokenCursor): Config {
  const keyword = cursor.advance();
  cursor.advance();
  const settings: { readonly name: Name; readonly value?: Name }[] = [];
  if (!cursor.expect("{")) return { kind: "config", keyword, settings, ...cursor.spanFrom(keyword.start) };
  while (cursor.isKind("identifier")) {
    const name = cursor.advance();
    cursor.expect("=");
    const value = cursor.isKind("identifier", "number", "string") ? cursor.advance() : undefined;
    if (!value) cursor.complainHere("expected a value");
    settings.push({ name, ...(value && { value }) });
    if (!cursor.accept(";") && !cursor.accept(",") && !cursor.is("}")) cursor.complainHere("expected “;”");
  }
  cursor.expect("}", "at the end of the configuration");
  return { kind: "config", keyword, settings, ...cursor.spanFrom(keyword.start) };
}

function parseMacro(cursor: TokenCursor): Macro {
  const { start } = cursor.advance();
  const name = cursor.advance();
  const parameters: Name[] = [];
  if (cursor.accept("(")) {
    while (cursor.isKind("variable", "map", "identifier")) {
      parameters.push(cursor.advance());
      if (!cursor.accept(",")) break;
    }
    cursor.expect(")");
  }
  return { kind: "macro", name, parameters, body: parseBlock(cursor), ...cursor.spanFrom(start) };
}

function parseSubprogram(cursor: TokenCursor): Subprogram {
  const { start } = cursor.advance();
  const name = cursor.advance();
  const parameters: Subprogram["parameters"][number][] = [];
  cursor.expect("(");
  while (cursor.isKind("variable")) {
    const parameter = cursor.advance();
    const type = cursor.accept(":") ? parseDeclaredType(cursor) : undefined;
    parameters.push({ name: parameter, ...(type && { type }) });
    if (!cursor.accept(",")) break;
  }
  cursor.expect(")");
  const returns = cursor.accept(":") ? parseDeclaredType(cursor) : undefined;
  return { kind: "subprogram", name, parameters, ...(returns && { returns }), body: parseBlock(cursor), ...cursor.spanFrom(start) };
}

function parseMapDeclaration(cursor: TokenCursor): MapDeclaration {
  const { start } = cursor.advance();
  const name = cursor.advance();
  cursor.expect("=");
  const type = cursor.expectName("a type of map, such as hash or lruhash");
  if (cursor.expect("(")) {
    if (cursor.token.kind === "number" || cursor.token.kind === "identifier") cursor.advance();
    cursor.expect(")");
  }
  cursor.expect(";");
  return { kind: "mapDeclaration", name, type, ...cursor.spanFrom(start) };
}
