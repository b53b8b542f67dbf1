import { InlayHintKind, type InlayHint } from "vscode-languageserver";
import type { Item, Node, Span } from "../../bpflang/syntax";
import { isPointer, typeText, type Field } from "../../bpflang/valueType";
import { walk } from "../../bpflang/walk";
import type { ProgramDocument } from "./programDocument";

/** `arg0: struct sock *sk`, once for each argument of a probe, and the type of a variable where it is first set to one that cannot be seen. */
export function inlayHints(document: ProgramDocument, within: Span): InlayHint[] {
  return document.program.items.filter(({ start, end }) => start <= within.end && end >= within.start).flatMap((item) => hintsOf(document, item));
}

function hintsOf(document: ProgramDocument, item: Item): InlayHint[] {
  const parameters = document.analysis.parameters(item);
  const hints: InlayHint[] = [];
  const seen = new Set<string>();
  walk(item, (node, parents) => {
    const index = node.kind === "identifier" ? /^arg(\d)$/.exec(node.text)?.[1] : undefined;
    const parameter = index === undefined ? undefined : parameters?.[Number(index)];
    if (node.kind !== "identifier" || !parameter || seen.has(node.text)) return;
    seen.add(node.text);
    const label = isSaid(parents.at(-1), parameter) ? `: ${parameter.name}` : `: ${parameter.text}`;
    hints.push({ position: document.document.positionAt(node.end), label, kind: InlayHintKind.Parameter, paddingRight: false });
  });
  return hints;
}

/** The cast around it says the type already; the name is still news. */
function isSaid(parent: Node | undefined, { type }: Field): boolean {
  if (parent?.kind !== "cast" || !type || !isPointer(type)) return false;
  const written = `${parent.type.keyword === undefined ? "" : `${parent.type.keyword} `}${parent.type.name.text} *`;
  return typeText(type).replace(/^const /, "") === written;
}
