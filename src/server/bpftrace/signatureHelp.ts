import type { SignatureHelp } from "vscode-languageserver";
import { languageName } from "../../bpflang/languageNames";
import { Lexer } from "../../bpflang/lexer";
import type { Call, TypeQuery } from "../../bpflang/syntax";
import { walk } from "../../bpflang/walk";
import type { ProgramDocument } from "./programDocument";

export function signatureHelp(document: ProgramDocument, offset: number): SignatureHelp | undefined {
  const call = callAt(document, offset);
  const entry = call && languageName(call.name.text);
  if (!call || !entry || entry.signatures.length === 0) return undefined;
  const active = commasBetween(document.text, call.brackets.start + 1, offset);
  const signatures = entry.signatures.map((label) => ({ label, documentation: entry.summary, parameters: parametersOf(label) }));
  const fitting = signatures.findIndex(({ parameters }) => parameters.length > active);
  const chosen = signatures[Math.max(0, fitting)];
  return { signatures, activeSignature: Math.max(0, fitting), activeParameter: Math.min(active, Math.max(0, (chosen?.parameters.length ?? 1) - 1)) };
}

/** The innermost call whose brackets are open at the offset; an unfinished one goes on to the cursor. */
function callAt({ program, text }: ProgramDocument, offset: number): Call | TypeQuery | undefined {
  const open: (Call | TypeQuery)[] = [];
  for (const item of program.items) {
    walk(item, (node) => {
      if ((node.kind !== "call" && node.kind !== "query") || node.brackets.start >= offset) return;
      const isClosed = text[node.brackets.end - 1] === ")";
      if (isClosed ? offset < node.brackets.end : /^\s*$/.test(text.slice(Math.min(node.brackets.end, offset), offset))) open.push(node);
    });
  }
  return open.reduce<Call | TypeQuery | undefined>((inner, call) => (inner && inner.brackets.start > call.brackets.start ? inner : call), undefined);
}

function commasBetween(text: string, start: number, end: number): number {
  const lexer = new Lexer(text.slice(0, end));
  let [depth, commas] = [0, 0];
  for (let token = lexer.next(start); token.kind !== "end"; token = lexer.next(token.end)) {
    if (token.kind !== "operator") continue;
    if ("([{".includes(token.text)) depth++;
    else if (")]}".includes(token.text)) depth--;
    else if (token.text === "," && depth === 0) commas++;
  }
  return commas;
}

/** Places of the parameters in the text of a signature: what stands between its commas, optional ones with their brackets. */
export function parametersOf(label: string): { readonly label: [number, number] }[] {
  const open = label.indexOf("(");
  const close = label.lastIndexOf(")");
  if (open < 0 || close <= open + 1) return [];
  const found: { readonly label: [number, number] }[] = [];
  let from = open + 1;
  let depth = 0;
  for (let at = open + 1; at <= close; at++) {
    const letter = label[at] ?? "";
    if (letter === "(" || letter === "<") depth++;
    else if (letter === ")" && at < close) depth--;
    if ((letter === "," && depth === 0) || at === close) {
      const text = label.slice(from, at);
      const start = from + (/^[\s[\]]*/.exec(text)?.[0].length ?? 0);
      const end = at - (/[\s[\]]*$/.exec(text)?.[0].length ?? 0);
      if (end > start) found.push({ label: [start, end] });
      from = at + 1;
    }
  }
  return found;
}
