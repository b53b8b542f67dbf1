/**
 * Everything a colleague needs to judge a problem without this tool and without the host: what it is, what is wrong and what proves it, the listeners, and
 * traces with their stacks and the kernel source around the lines. Left out are user names, process arguments, environment and payloads: none of it is
 * ever read. Addresses, ports and names of processes are what the problem consists of, so they are there, and the report says so.
 */
import { homedir } from "node:os";
import type { Capability, Finding } from "../collectors/capability";
import type { Listener } from "../collectors/socketModel";
import type { TraceGroup, TraceSummary } from "../collectors/traces/traceModel";
import type { TraceRequest } from "../collectors/traces/traceRequest";
import type { HostFacts } from "../probes/hostFacts";
import type { SourcePlace } from "../stacks/stack";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";

export interface EvidenceTrace {
  readonly request: TraceRequest;
  readonly summary: TraceSummary;
  readonly groups: readonly TraceGroup[];
}

export interface EvidenceInput {
  readonly host: string;
  readonly facts: HostFacts;
  /** Milliseconds since the epoch. */
  readonly takenAt: number;
  /** Of this program. */
  readonly version: string;
  readonly capabilities: readonly Capability[];
  readonly findings: readonly Finding[];
  readonly listeners: readonly Listener[];
  readonly notes: readonly string[];
  readonly traces: readonly EvidenceTrace[];
}

/** A line of source with those around it. */
export interface SourceExcerpt extends SourcePlace {
  readonly firstLine: number;
  readonly lines: readonly string[];
}

export interface EvidenceReport extends Omit<EvidenceInput, "facts" | "listeners"> {
  readonly listeners: readonly Omit<Listener, "uid">[];
  readonly format: "knetscope-evidence";
  readonly kernel: Pick<HostFacts, "release" | "version" | "machine" | "buildId"> & { readonly os: string };
  /** By `file:line`. */
  readonly sources: Readonly<Record<string, SourceExcerpt>>;
}

/** Lines before and after. */
const around = 4;
/** Of each group, from the innermost: what lies further out is the way that every packet goes. */
const shownFrames = 6;
/** Of a trace, most frequent first. */
const mostGroups = 30;

/** @param readSource the source of the exact build; a file that cannot be read is left out */
export async function makeEvidence(input: EvidenceInput, readSource: (file: string) => Promise<string | undefined>): Promise<EvidenceReport> {
  const { facts, listeners, ...rest } = input;
  const traces = input.traces.map((trace) => ({ ...trace, groups: [...trace.groups].sort((a, b) => b.count - a.count).slice(0, mostGroups) }));
  const places = traces.flatMap(({ groups }) => groups.flatMap(({ stack }) => placesOf(stack)));
  const { release, version, machine, buildId, os } = facts;
  return {
    ...rest,
    format: "knetscope-evidence",
    host: withoutUser(input.host),
    kernel: { release, version, machine, ...(buildId === undefined ? {} : { buildId }), os: os.name },
    capabilities: input.capabilities.map((capability) => ({ ...capability, ...(capability.reason !== undefined && { reason: withoutHome(withoutName(capability.reason, facts.user)) }) })),
    listeners: listeners.map(withoutUid),
    traces,
    sources: await excerpts(places, readSource),
  };
}

/** `root@web1` says who logs in. */
const withoutUser = (host: string): string => host.replace(/^[^@]*@/, "");

const withoutUid = (listener: Listener): Omit<Listener, "uid"> => Object.fromEntries(Object.entries(listener).filter(([key]) => key !== "uid")) as unknown as Omit<Listener, "uid">;

const withoutName = (text: string, user: string): string => (user === "" || user === "root" ? text : text.replaceAll(new RegExp(String.raw`\b${user.replace(/[^\w]/g, String.raw`\$&`)}\b`, "g"), "the user"));

/** A path below the home folder here says who wrote the report. */
const withoutHome = (text: string): string => (homedir().length > 1 ? text.replaceAll(`${homedir()}/`, "~/") : text);

export const placesOf = (stack: readonly ResolvedFrame[]): readonly SourcePlace[] => stack.slice(0, shownFrames).flatMap((frame) => frame.frames.flatMap(({ source }) => source ?? []));

export const placeKey = ({ file, line }: SourcePlace): string => `${file}:${line}`;

async function excerpts(places: readonly SourcePlace[], readSource: (file: string) => Promise<string | undefined>): Promise<Record<string, SourceExcerpt>> {
  const found: Record<string, SourceExcerpt> = {};
  const texts = new Map<string, readonly string[] | undefined>();
  for (const place of places) {
    const { file, line } = place;
    if (!texts.has(file)) texts.set(file, await readSource(file).then((text) => text?.split("\n"), () => undefined));
    const lines = texts.get(file);
    if (!lines || line > lines.length) continue;
    const firstLine = Math.max(1, line - around);
    found[placeKey(place)] = { file, line, firstLine, lines: lines.slice(firstLine - 1, line + around) };
  }
  return found;
}

export const evidenceJson = (report: EvidenceReport): string => `${JSON.stringify(report, (_key, value: unknown) => (typeof value === "bigint" ? `0x${value.toString(16)}` : value), 2)}\n`;
