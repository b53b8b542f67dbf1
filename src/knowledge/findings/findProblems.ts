import { conntrackRules } from "./conntrackRules";
import { memoryRules } from "./memoryRules";
import { pathRules } from "./pathRules";
import type { NamespaceEvidence, Problem } from "./problem";
import { queueRules } from "./queueRules";

const rules = [...queueRules, ...memoryRules, ...conntrackRules, ...pathRules];

/** What is wrong in one network namespace, by what was read of it. Nothing is said without a fact. */
export const findProblems = (evidence: NamespaceEvidence): readonly Problem[] => rules.flatMap((rule) => rule(evidence) ?? []);
