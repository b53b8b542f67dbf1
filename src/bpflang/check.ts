import type { Analysis } from "./analysis";
import type { Finding } from "./finding";
import { checkNames } from "./nameChecks";
import { checkProbes } from "./probeChecks";
import { checkSymbols } from "./symbolChecks";
import { checkTypes } from "./typeChecks";
import { checkVersions } from "./versionChecks";

/** Everything that is wrong with a program on its target, in the order of the text. What the syntax leaves open is not held against it. */
export function check(analysis: Analysis): readonly Finding[] {
  const syntax = analysis.program.problems.map(({ start, end, message }): Finding => ({ start, end, code: "syntax", severity: "error", message: capital(message), fixes: [] }));
  const findings = [...syntax, ...checkProbes(analysis), ...checkVersions(analysis), ...checkNames(analysis), ...checkTypes(analysis), ...checkSymbols(analysis)];
  return findings.sort((a, b) => a.start - b.start || a.end - b.end);
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
