import { FoldingRangeKind, SymbolKind, type DocumentSymbol, type FoldingRange } from "vscode-languageserver";
import type { Item, Span } from "../../bpflang/syntax";
import { walk } from "../../bpflang/walk";
import type { ProgramDocument } from "./programDocument";

export function documentSymbols(document: ProgramDocument): DocumentSymbol[] {
  const items = document.program.items.flatMap((item) => itemSymbol(document, item));
  const { symbols } = document.analysis;
  const maps = symbols.mapNames().flatMap((name) => {
    const uses = symbols.map(name);
    const first = uses.find(({ writes }) => writes) ?? uses[0];
    return first ? [{ name, kind: SymbolKind.Variable, detail: "map", range: document.range(first), selectionRange: document.range(first) }] : [];
  });
  return [...items, ...maps];
}

function itemSymbol(document: ProgramDocument, item: Item): DocumentSymbol[] {
  const entry = (name: string, kind: SymbolKind, selection: Span, detail = ""): DocumentSymbol[] => [
    { name: name === "" ? "…" : name, kind, detail, range: document.range(item), selectionRange: document.range({ start: Math.max(item.start, selection.start), end: Math.min(item.end, selection.end) }) },
  ];
  switch (item.kind) {
    case "probe": {
      const [first] = item.points;
      const name = item.points.map(({ text }) => text).join(", ");
      return first ? entry(name, SymbolKind.Event, first, item.predicate ? `/${document.text.slice(item.predicate.start, item.predicate.end)}/` : "") : [];
    }
    case "macro":
    case "subprogram":
      return entry(item.name.text, SymbolKind.Function, item.name);
    case "definition":
      return entry(`${item.keyword} ${item.name.text}`, item.keyword === "enum" ? SymbolKind.Enum : SymbolKind.Struct, item.name);
    case "config":
      return entry("config", SymbolKind.Namespace, item.keyword);
    default:
      return [];
  }
}

export function foldingRanges(document: ProgramDocument): FoldingRange[] {
  const ranges: FoldingRange[] = [];
  const add = (span: Span, kind?: FoldingRangeKind): void => {
    const { start, end } = document.range(span);
    const closes = kind === undefined && /\}\s*;?$/.test(document.text.slice(Math.max(0, span.end - 10), span.end));
    const endLine = closes ? end.line - 1 : end.line;
    if (endLine > start.line) ranges.push({ startLine: start.line, endLine, ...(kind && { kind }) });
  };
  for (const item of document.program.items) {
    if (item.kind === "config" || item.kind === "definition") add(item);
    walk(item, (node) => {
      if (node.kind === "block") add(node);
    });
  }
  for (const comment of document.program.comments) add(comment, FoldingRangeKind.Comment);
  return [...ranges, ...lineCommentRuns(document)];
}

/** Line comments one under another fold as one. */
function lineCommentRuns(document: ProgramDocument): FoldingRange[] {
  const lines = document.program.comments.filter(({ start }) => document.text.startsWith("//", start)).map((comment) => document.range(comment).start.line);
  const runs: FoldingRange[] = [];
  for (let index = 0; index < lines.length; ) {
    let last = index;
    while ((lines[last + 1] ?? -1) === (lines[last] ?? 0) + 1) last++;
    if (last > index) runs.push({ startLine: lines[index] ?? 0, endLine: lines[last] ?? 0, kind: FoldingRangeKind.Comment });
    index = last + 1;
  }
  return runs;
}
