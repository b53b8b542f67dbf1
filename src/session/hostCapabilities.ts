import { describeError } from "../base/errors";
import type { Capability } from "../collectors/capability";
import { takeListeners } from "../collectors/listeners";
import { canTrace } from "../collectors/traces/startTrace";
import { traceConntrackInvalid } from "../collectors/traces/traceConntrackInvalid";
import { traceDrops } from "../collectors/traces/traceDrops";
import { traceResets } from "../collectors/traces/traceResets";
import type { KernelSources } from "../kernelsource/kernelSources";
import type { HostFacts } from "../probes/hostFacts";
import { runProbe } from "../probes/probe";
import { mergeQuestions, tracerProbe } from "../probes/tracerProbe";
import type { Target } from "../target/target";
import { adviceFor } from "./advice";
import type { KernelSymbols } from "./kernelSymbols";

export interface CheckedHost {
  readonly target: Target;
  readonly facts: HostFacts;
  readonly symbols: KernelSymbols;
  readonly sources: KernelSources;
}

/** Every capability by trying it, side by side; one that cannot even be tried says why, and hides no other. */
export async function hostCapabilities(host: CheckedHost, signal?: AbortSignal): Promise<readonly Capability[]> {
  // The kernel's symbols and types are long lists: all that tracing wants of them is looked for at once.
  const questions = [traceResets.question({ kind: "resets" }), traceDrops.question({ kind: "drops" }), traceConntrackInvalid.question({ kind: "conntrack-invalid" })];
  const tracer = runProbe(host.target, tracerProbe(mergeQuestions(questions)), signal);
  const checks: readonly (readonly [string, string, (about: { readonly id: string; readonly title: string }) => Promise<Capability>])[] = [
    ["root", "Root rights", () => checkRoot(host, signal)],
    ["sockets", "Sockets and listen queues", () => checkSockets(host, signal)],
    ["trace-resets", "Trace TCP resets", (about) => canTrace(about, host.target, host.facts, traceResets, { kind: "resets" }, signal, tracer)],
    ["trace-drops", "Trace packet drops", (about) => canTrace(about, host.target, host.facts, traceDrops, { kind: "drops" }, signal, tracer)],
    ["trace-conntrack-invalid", "Log conntrack-invalid packets", (about) => canTrace(about, host.target, host.facts, traceConntrackInvalid, { kind: "conntrack-invalid" }, signal, tracer)],
    ["debuginfo", "Debuginfo of the running kernel", () => checkDebuginfo(host)],
    ["source", "Kernel source", () => checkSource(host, signal)],
  ];
  const kernel = { id: "kernel", title: "Kernel", ok: true, reason: `${host.facts.release} (${host.facts.machine}, ${host.facts.os.name}).` };
  const results = checks.map(([id, title, check]) =>
    check({ id, title }).catch((error: unknown): Capability => {
      signal?.throwIfAborted();
      const advice = adviceFor(error);
      return { id, title, ok: false, reason: sentence(describeError(error)), ...(advice !== undefined && { remedy: { title: advice, changesHost: false } }) };
    }),
  );
  return [kernel, ...(await Promise.all(results))];
}

async function checkRoot({ target, facts }: CheckedHost, signal?: AbortSignal): Promise<Capability> {
  const base = { id: "root", title: "Root rights" };
  if (facts.uid === 0) return { ...base, ok: true, reason: "Logged in as root." };
  await target.run({ argv: ["true"], privilege: "root" }, signal);
  return { ...base, ok: true, reason: `${facts.user} may use sudo.` };
}

async function checkSockets({ target, facts }: CheckedHost, signal?: AbortSignal): Promise<Capability> {
  const base = { id: "sockets", title: "Sockets and listen queues" };
  const { source, findings, listeners, namespaces, notes } = await takeListeners(target, facts, signal ? { signal } : {});
  const problem = findings.find(({ id }) => id === "tcp-diag-missing");
  if (problem) return { ...base, ok: false, reason: `${problem.title}. ${problem.detail}`, ...(problem.remedy && { remedy: problem.remedy }) };
  if (source === "proc") return { ...base, ok: false, reason: notes.join(" ") };
  const places = namespaces.length === 1 ? "one network namespace" : `${namespaces.length} network namespaces`;
  return { ...base, ok: true, reason: [`${listeners.length} listeners in ${places}, read by ${source}.`, ...notes].join(" ") };
}

async function checkDebuginfo({ symbols }: CheckedHost): Promise<Capability> {
  const { state, message, remedy } = await symbols.state();
  return { id: "debuginfo", title: "Debuginfo of the running kernel", ok: state === "exact", reason: message, ...(remedy && { remedy }) };
}

async function checkSource({ sources }: CheckedHost, signal?: AbortSignal): Promise<Capability> {
  const source = await sources.read("net/ipv4/tcp.c", signal);
  const exact = source.match !== "near";
  return { id: "source", title: "Kernel source", ok: exact, reason: source.message === undefined ? `Found: ${source.origin}.` : sentence(`${source.origin}: ${source.message}`) };
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
