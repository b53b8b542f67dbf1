import { CodeActionKind, type CodeAction, type Diagnostic, type Range } from "vscode-languageserver";
import { check } from "../../bpflang/check";
import type { ProgramDocument } from "./programDocument";
import { diagnosticOf } from "./diagnostics";

/** The ways out of what is wrong in a range. */
export function codeActions(document: ProgramDocument, range: Range, given: readonly Diagnostic[]): CodeAction[] {
  const [start, end] = [document.offset(range.start), document.offset(range.end)];
  return check(document.analysis).filter((finding) => finding.start <= end && finding.end >= start).flatMap((finding) => {
    const own = diagnosticOf(document, finding);
    const diagnostic = given.find((other) => other.code === own.code && other.message === own.message && other.range.start.line === own.range.start.line) ?? own;
    return finding.fixes.map((fix) => ({
      title: fix.title,
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnostic],
      ...(fix.preferred && { isPreferred: true }),
      edit: { changes: { [document.document.uri]: fix.changes.map((change) => ({ range: document.range(change), newText: change.text })) } },
    }));
  });
}
