import { setTimeout as sleep } from "node:timers/promises";
import type { Finding } from "../collectors/capability";
import { makeEvidence, type EvidenceReport, type EvidenceTrace } from "./evidence";
import type { Host } from "./host";
import { listenerProblems } from "./listenerProblems";
import { traceFindings } from "./traceFindings";

export interface GatherOptions {
  readonly traces: readonly EvidenceTrace[];
  /** Between two looks at counters and listeners: what does not rise meanwhile is no finding. Milliseconds. */
  readonly interval: number;
  readonly version: string;
  readonly signal?: AbortSignal;
}

const rank: Readonly<Record<Finding["severity"], number>> = { error: 0, warning: 1, info: 2 };

/** Worst first; equal ones in their order. */
export const worstFirst = (findings: readonly Finding[]): readonly Finding[] => [...findings].sort((a, b) => rank[a.severity] - rank[b.severity]);

/** Two looks at a host, so that what happens now is told from what once happened. */
export async function lookTwice(host: Host, interval: number, signal?: AbortSignal) {
  await Promise.all([host.findings(signal).catch(() => []), host.listeners(signal).catch(() => undefined)]);
  await sleep(interval, undefined, signal ? { signal } : {});
  const snapshot = await host.listeners(signal);
  const problems = await host.findings(signal);
  return { snapshot, findings: worstFirst([...listenerProblems(snapshot), ...problems]) };
}

/** All of a report, from the host itself and the traces that are given. */
export async function gatherEvidence(host: Host, { traces, interval, version, signal }: GatherOptions): Promise<EvidenceReport> {
  const facts = await host.facts();
  const [capabilities, { snapshot, findings }] = await Promise.all([host.capabilities(signal), lookTwice(host, interval, signal)]);
  const traced = traces.flatMap(({ request, groups, summary }) => traceFindings({ kind: request.kind, groups, summary }));
  const input = {
    host: host.name, facts, takenAt: Date.now(), version, capabilities, traces, listeners: snapshot.listeners, notes: snapshot.notes, findings: worstFirst([...findings, ...traced]),
  };
  return makeEvidence(input, async (file) => (await host.source(file, signal)).text);
}
