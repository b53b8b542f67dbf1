import { DiagnosticSeverity, type Diagnostic } from "vscode-languageserver";
import { check } from "../../bpflang/check";
import type { Finding } from "../../bpflang/finding";
import type { ProgramDocument } from "./programDocument";

const severities: Readonly<Record<Finding["severity"], DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error, warning: DiagnosticSeverity.Warning, information: DiagnosticSeverity.Information,
};

/** @param compiled what the target's own compiler said of this very text; its words come after ours, without what says the same */
export function diagnostics(document: ProgramDocument, compiled: readonly Finding[] = []): Diagnostic[] {
  const own = check(document.analysis);
  const news = compiled.filter((finding) => !own.some((other) => other.severity === "error" && other.start < Math.max(finding.end, finding.start + 1) && finding.start < Math.max(other.end, other.start + 1)));
  return [...own.map((finding) => diagnosticOf(document, finding)), ...news.map((finding) => ({ ...diagnosticOf(document, finding), source: "bpftrace" }))];
}

export const diagnosticOf = (document: ProgramDocument, finding: Finding): Diagnostic => ({
  range: document.range(finding), severity: severities[finding.severity], code: finding.code, source: "KNetScope", message: finding.message,
});
