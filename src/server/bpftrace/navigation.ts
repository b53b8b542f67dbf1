import { DocumentHighlightKind, type DocumentHighlight, type Location, type Range, type WorkspaceEdit } from "vscode-languageserver";
import { placeOf } from "../../bpflang/providers";
import { contains } from "../../bpflang/walk";
import type { ProgramDocument } from "./programDocument";

/** The places of a map or variable that is declared or written first. */
export function definition(document: ProgramDocument, offset: number): Location[] {
  const { symbols } = document.analysis;
  const occurrence = symbols.at(offset);
  if (!occurrence) return macroDefinition(document, offset);
  const all = symbols.same(occurrence);
  const first = all.find(({ declares }) => declares) ?? all.find(({ writes }) => writes) ?? all[0];
  return first ? [{ uri: document.document.uri, range: document.range(first) }] : [];
}

function macroDefinition(document: ProgramDocument, offset: number): Location[] {
  const word = wordAt(document.text, offset);
  const item = document.program.items.find((candidate) => (candidate.kind === "macro" || candidate.kind === "subprogram" || candidate.kind === "definition") && candidate.name.text === word);
  return item && "name" in item ? [{ uri: document.document.uri, range: document.range(item.name) }] : [];
}

const wordAt = (text: string, offset: number): string => (/\w*$/.exec(text.slice(Math.max(0, offset - 100), offset))?.[0] ?? "") + (/^\w*/.exec(text.slice(offset, offset + 100))?.[0] ?? "");

/** The function of the kernel that the cursor is at, in an attach point. */
export function functionAt(document: ProgramDocument, offset: number): string | undefined {
  const item = document.analysis.itemAt(offset);
  const point = item?.kind === "probe" ? item.points.find((candidate) => contains(candidate, offset)) : undefined;
  const place = point && placeOf(point);
  if (!place || place.isPattern || (place.provider.target !== "function" && place.provider.target !== "typedFunction")) return undefined;
  return place.name;
}

export function references(document: ProgramDocument, offset: number, withDeclaration: boolean): Location[] {
  const { symbols } = document.analysis;
  const occurrence = symbols.at(offset);
  const all = occurrence ? symbols.same(occurrence) : [];
  return all.filter(({ declares }) => withDeclaration || !declares).map((use) => ({ uri: document.document.uri, range: document.range(use) }));
}

export function highlights(document: ProgramDocument, offset: number): DocumentHighlight[] {
  const { symbols } = document.analysis;
  const occurrence = symbols.at(offset);
  return (occurrence ? symbols.same(occurrence) : []).map((use) => ({ range: document.range(use), kind: use.writes ? DocumentHighlightKind.Write : DocumentHighlightKind.Read }));
}

/** The place of the name without its sign, which stays. */
export function prepareRename(document: ProgramDocument, offset: number): { range: Range; placeholder: string } | undefined {
  const occurrence = document.analysis.symbols.at(offset);
  if (!occurrence || occurrence.text.length < 2) return undefined;
  return { range: document.range({ start: occurrence.start + 1, end: occurrence.end }), placeholder: occurrence.text.slice(1) };
}

/** @returns undefined when nothing can be renamed here, or the name is none or taken */
export function rename(document: ProgramDocument, offset: number, newName: string): WorkspaceEdit | undefined {
  const { symbols } = document.analysis;
  const occurrence = symbols.at(offset);
  const name = newName.replace(/^[$@]/, "");
  if (!occurrence || !/^[A-Za-z_]\w*$/.test(name)) return undefined;
  const full = `${occurrence.text[0] ?? ""}${name}`;
  const taken = occurrence.variable ? symbols.variablesWithin(occurrence.variable, full) : symbols.map(full);
  if (full !== occurrence.text && taken.length > 0) return undefined;
  return { changes: { [document.document.uri]: symbols.same(occurrence).map((use) => ({ range: document.range({ start: use.start + 1, end: use.end }), newText: name })) } };
}
