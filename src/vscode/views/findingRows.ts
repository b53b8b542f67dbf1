import type { Finding } from "../../collectors/capability";
import { citationOf } from "../../knowledge/findings/citations";
import { remedyParts } from "./hostRows";
import { escapeMarkdown } from "./markdown";
import { icons, type Row } from "./row";

export interface HostFinding {
  readonly host: string;
  readonly finding: Finding;
  /** Of the trace that proves it. */
  readonly trace?: string;
}

const rank: Record<Finding["severity"], number> = { error: 2, warning: 1, info: 0 };
const severityIcons = { error: icons.error, warning: icons.warning, info: icons.info };

/** Problems worst first; below each its evidence and its remedy. */
export function findingRows(findings: readonly HostFinding[]): readonly Row[] {
  // Titles carry numbers that change: the kind and its turn are what stays.
  const seen = new Map<string, number>();
  return [...findings].sort((a, b) => rank[b.finding.severity] - rank[a.finding.severity]).map(({ host, finding, trace }) => {
    const kind = `finding:${host}/${finding.id}`;
    const number = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, number);
    const id = `${kind}/${number}`;
    return {
      id,
      label: finding.title,
      description: host,
      icon: severityIcons[finding.severity],
      tooltip: `**${escapeMarkdown(finding.title)}**\n\n${escapeMarkdown(finding.detail)}`,
      spoken: `${finding.severity}: ${finding.title} on ${host}. ${finding.detail}`,
      context: ["finding", ...(finding.remedy?.argv ? ["remedy"] : []), ...(finding.listener === undefined ? [] : ["listener"])].join("."),
      subject: { kind: "finding" as const, host, finding },
      children: [
        ...(finding.listener === undefined ? [] : [{ id: `${id}/listener`, label: "Go to the listener", icon: { id: "arrow-right" }, subject: { kind: "finding" as const, host, finding }, action: { kind: "show-listener" as const } }]),
        ...(trace === undefined ? [] : [{ id: `${id}/trace`, label: "Go to the trace", icon: { id: "arrow-right" }, action: { kind: "show-trace" as const, trace } }]),
        { id: `${id}/detail`, label: finding.detail, icon: { id: "info" }, tooltip: escapeMarkdown(finding.detail) },
        ...finding.evidence.map((text, at): Row => ({ id: `${id}/evidence/${at}`, label: text, icon: { id: "note" }, tooltip: escapeMarkdown(text) })),
        ...citationRows(id, finding),
        ...(remedyParts(id, host, finding.remedy).children ?? []),
      ],
    };
  });
}

function citationRows(id: string, finding: Finding): Row[] {
  const citation = citationOf(finding);
  return citation === undefined ? [] : [{ id: `${id}/citation`, label: `decided in ${citation}`, icon: { id: "book" }, tooltip: escapeMarkdown(citation) }];
}

/** What the badge counts: problems, not remarks. */
export const problemCount = (findings: readonly HostFinding[]): number => findings.filter(({ finding }) => finding.severity !== "info").length;
