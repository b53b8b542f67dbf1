import { CompletionItemKind, type CompletionItem, type TextEdit } from "vscode-languageserver";
import type { Item, Member, Span } from "../../bpflang/syntax";
import { isAfter } from "../../bpflang/targetKnowledge";
import { pathOf } from "../../bpflang/typeQueries";
import { isPointer, structureOf, typeText, type Field, type Structure, type ValueType } from "../../bpflang/valueType";
import type { ProgramDocument } from "./programDocument";

/** Fields after `.` and `->`. What is wrong before them is put right with the choice: a register gets its cast, a pointer its arrow. */
export function memberItems(document: ProgramDocument, node: Member, item: Item | undefined, offset: number): readonly CompletionItem[] {
  const { analysis } = document;
  const type = analysis.typeOf(node.object, item);
  const parameter = castFor(document, node, item);
  const structure = structureOf(parameter?.type ?? type);
  if (!structure) return [];
  const span = node.field.text === "" ? { start: offset, end: offset } : { start: node.field.start, end: Math.max(offset, node.field.end) };
  const edits = parameter ? castEdits(document, node, parameter.type) : operatorEdits(document, node, type);
  return structure.fields.map((field, index) => ({ ...fieldItem(document, field, structure, span, index), ...(edits.length > 0 && { additionalTextEdits: edits }) }));
}

/** Fields in `offsetof(struct x, a.b)`, behind its comma; undefined elsewhere. */
export function offsetItems(document: ProgramDocument, item: Item | undefined, offset: number): readonly CompletionItem[] | undefined {
  const query = document.queryAt(offset);
  const of = query?.type ?? query?.operand;
  if (query?.name.text !== "offsetof" || !of || !document.text.slice(of.end, offset).includes(",")) return undefined;
  const step = pathOf(document.analysis, query, item).findLast(({ name }) => name.start <= offset);
  const typed = step?.name.text === "" ? { start: offset, end: offset } : step?.name;
  return step && typed ? step.structure.fields.map((field, index) => fieldItem(document, field, step.structure, typed, index)) : [];
}

const fieldItem = (document: ProgramDocument, field: Field, structure: Structure, span: Span, index: number): CompletionItem => ({
  label: field.name,
  kind: CompletionItemKind.Field,
  detail: field.text,
  documentation: fieldPlace(field, structure.text),
  sortText: String(index).padStart(4, "0"),
  textEdit: { range: document.range(span), newText: field.name },
});

const fieldPlace = ({ offset }: Field, structure: string): string => (offset === undefined ? structure : `${structure}, at byte ${Math.floor(offset)}${offset % 1 === 0 ? "" : ` bit ${(offset % 1) * 8}`}`);

function castFor({ analysis }: ProgramDocument, { object }: Member, item: Item | undefined): { readonly type: ValueType } | undefined {
  const index = object.kind === "identifier" ? /^arg(\d)$/.exec(object.text)?.[1] : undefined;
  const type = index === undefined ? undefined : analysis.parameters(item)?.[Number(index)]?.type;
  return type && isPointer(type) ? { type } : undefined;
}

function castEdits(document: ProgramDocument, { object, operator }: Member, type: ValueType): TextEdit[] {
  const cast = `((${typeText(type).replace(/^const /, "")})${document.text.slice(object.start, object.end)})`;
  const edits = [{ range: document.range(object), newText: cast }];
  return operator.text === "->" ? edits : [...edits, { range: document.range(operator), newText: "->" }];
}

function operatorEdits(document: ProgramDocument, { operator }: Member, type: ValueType | undefined): TextEdit[] {
  if (!type || type.kind === "arguments") return [];
  const isPointerHere = isPointer(type);
  if (operator.text === "." && isPointerHere && !isAfter(document.knowledge, "0.25.0")) return [{ range: document.range(operator), newText: "->" }];
  if (operator.text === "->" && !isPointerHere) return [{ range: document.range(operator), newText: "." }];
  return [];
}
