import { SemanticTokensBuilder, type SemanticTokens } from "vscode-languageserver";
import { languageName } from "../../bpflang/languageNames";
import type { Item, Node, Span, TypeName } from "../../bpflang/syntax";
import { walk } from "../../bpflang/walk";
import type { ProgramDocument } from "./programDocument";

export const tokenTypes = ["namespace", "function", "variable", "property", "struct", "enumMember", "macro", "parameter", "type", "event"] as const;
export const tokenModifiers = ["declaration", "defaultLibrary", "modification", "static"] as const;

interface Token extends Span {
  readonly type: (typeof tokenTypes)[number];
  readonly modifiers: readonly (typeof tokenModifiers)[number][];
}

/** What only the tree knows; strings, numbers, comments and keywords are the grammar's. */
export function semanticTokens(document: ProgramDocument): SemanticTokens {
  const tokens: Token[] = [];
  const add = ({ start, end }: Span, type: Token["type"], ...modifiers: Token["modifiers"]): void => {
    if (end > start) tokens.push({ start, end, type, modifiers });
  };
  for (const item of document.program.items) {
    addItem(item, add);
    walk(item, (node) => addNode(node, add));
  }
  for (const { start, end, kind, writes } of document.analysis.symbols.occurrences) {
    add({ start, end }, "variable", ...(kind === "map" ? (["static"] as const) : []), ...(writes ? (["modification"] as const) : []));
  }
  return encode(document, tokens);
}

type Add = (span: Span, type: Token["type"], ...modifiers: Token["modifiers"]) => void;

function addItem(item: Item, add: Add): void {
  if (item.kind === "probe") {
    for (const { parts } of item.points) parts.forEach((part, index) => add(part, index === 0 ? "event" : index === parts.length - 1 ? "function" : "namespace"));
  }
  if (item.kind === "macro" || item.kind === "subprogram") add(item.name, item.kind === "macro" ? "macro" : "function", "declaration");
  if (item.kind === "definition") {
    add(item.name, "struct", "declaration");
    item.fields.forEach(({ name }) => add(name, "property", "declaration"));
  }
}

function addNode(node: Node, add: Add): void {
  switch (node.kind) {
    case "call":
      add(node.name, "function", ...(languageName(node.name.text) ? (["defaultLibrary"] as const) : []));
      break;
    case "identifier": {
      const isArgument = /^arg(?:s|\d)$/.test(node.text);
      add(node, isArgument ? "parameter" : languageName(node.text) ? "variable" : "enumMember", ...(languageName(node.text) ? (["defaultLibrary"] as const) : []));
      break;
    }
    case "member":
      if (!/^\d/.test(node.field.text)) add(node.field, "property");
      break;
    case "cast":
      addType(node.type, add);
      break;
    case "query":
      if (node.type) addType(node.type, add);
      break;
    default:
  }
}

function addType({ name, keyword, query }: TypeName, add: Add): void {
  if (!query) add(name, keyword ? "struct" : "type");
}

function encode(document: ProgramDocument, tokens: Token[]): SemanticTokens {
  const builder = new SemanticTokensBuilder();
  tokens.sort((a, b) => a.start - b.start || a.end - b.end);
  let last = -1;
  for (const { start, end, type, modifiers } of tokens) {
    const from = document.document.positionAt(start);
    // Tokens neither overlap nor go over lines.
    if (start < last || document.document.positionAt(end).line !== from.line) continue;
    last = end;
    const bits = modifiers.reduce((sum, modifier) => sum | (1 << tokenModifiers.indexOf(modifier)), 0);
    builder.push(from.line, from.character, end - start, tokenTypes.indexOf(type), bits);
  }
  return builder.build();
}
