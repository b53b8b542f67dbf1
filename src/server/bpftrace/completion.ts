import { CompletionItemKind, InsertTextFormat, type CompletionItem, type CompletionList } from "vscode-languageserver";
import { attachPointEnd } from "../../bpflang/attachPoint";
import type { Item, Member, Span } from "../../bpflang/syntax";
import { contains, nodesAt } from "../../bpflang/walk";
import type { ProgramDocument } from "./programDocument";
import { memberItems, offsetItems } from "./completeMembers";
import { probeItems } from "./completeProbes";
import { configItems, expressionItems, typeItems } from "./completeWords";

/** More are not looked at; the list is asked for again with each letter. */
export const completionLimit = 100;

export function completion(document: ProgramDocument, offset: number): CompletionList {
  const { text } = document;
  if (document.isInComment(offset) || isInString(text, offset)) return { isIncomplete: false, items: [] };
  const { items } = document.program;
  const item = document.analysis.itemAt(offset);
  if (item?.kind === "config" && offset > item.keyword.end) return list(configItems(document, wordBefore(document, offset)));
  const body = bodyAt(item, offset, text);
  if (!body) return list(probeItems(document, attachPointAt(text, offset), offset), true);
  const member = nodesAt(items, offset).findLast((node): node is Member => node.kind === "member" && node.operator.end <= offset && contains(node.field.text === "" ? { start: node.operator.end, end: node.field.end } : node.field, offset));
  if (member) return list(memberItems(document, member, item, offset));
  const fields = offsetItems(document, item, offset);
  if (fields) return list(fields);
  const type = /\b(struct|union|enum)\s+(\w*)$/.exec(text.slice(Math.max(0, offset - 200), offset));
  if (type?.[1] !== undefined) return list(typeItems(document, type[1] as "struct" | "union" | "enum", type[2] ?? "", { start: offset - (type[2] ?? "").length, end: wordEnd(text, offset) }), true);
  return list(expressionItems(document, item, wordBefore(document, offset), offset));
}

const list = (items: readonly CompletionItem[], isIncomplete = false): CompletionList => ({ isIncomplete: isIncomplete || items.length >= completionLimit, items: [...items] });

/** The block or predicate around an offset, of whatever has one. */
function bodyAt(item: Item | undefined, offset: number, text: string): Span | undefined {
  if (item?.kind === "probe") {
    const isOpen = item.body && (item.body.end === item.body.start + 1 || text[item.body.end - 1] !== "}");
    const inBody = item.body && item.body.start < offset && (offset < item.body.end || (isOpen && offset <= item.body.end));
    if (inBody) return item.body;
    const last = item.points.at(-1);
    return item.predicate && last && offset > last.end && offset <= (item.body?.start ?? item.predicate.end) && offset >= item.predicate.start ? item.predicate : undefined;
  }
  if (item?.kind === "macro" || item?.kind === "subprogram") return item.body && contains(item.body, offset) ? item.body : undefined;
  return undefined;
}

export interface Word extends Span {
  readonly text: string;
}

/** The word that is being typed, up to the cursor, and the place it takes with what follows. */
export function wordBefore({ text }: ProgramDocument, offset: number): Word {
  const word = /[$@]?\w*$/.exec(text.slice(Math.max(0, offset - 200), offset))?.[0] ?? "";
  return { text: word, start: offset - word.length, end: wordEnd(text, offset) };
}

const wordEnd = (text: string, offset: number): number => offset + (/^\w*/.exec(text.slice(offset, offset + 200))?.[0].length ?? 0);

/** The attach point that is being typed; its end is that of the part with the cursor. */
function attachPointAt(text: string, offset: number): Word {
  let start = offset;
  while (start > 0 && !/[\s,{};]/.test(text[start - 1] ?? "")) start--;
  return { text: text.slice(start, offset), start, end: Math.max(offset, Math.min(attachPointEnd(text, start), offset + 200)) };
}

/** Whether a string of this line is open before the offset. */
function isInString(text: string, offset: number): boolean {
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  let isOpen = false;
  for (let at = lineStart; at < offset; at++) {
    if (text[at] === "\\" && isOpen) at++;
    else if (text[at] === '"') isOpen = !isOpen;
  }
  return isOpen;
}

export const snippet = (label: string, insert: string, span: Span, document: ProgramDocument, more: Partial<CompletionItem> = {}): CompletionItem => ({
  label, insertTextFormat: InsertTextFormat.Snippet, textEdit: { range: document.range(span), newText: insert }, kind: CompletionItemKind.Snippet, ...more,
});

/** In the order in which they were found, whatever the editor thinks of their names. */
export const inOrder = (items: readonly CompletionItem[]): readonly CompletionItem[] => items.map((item, index) => ({ ...item, sortText: String(index).padStart(4, "0") }));

export const escapeSnippet = (text: string): string => text.replace(/[\\$}]/g, "\\$&");
