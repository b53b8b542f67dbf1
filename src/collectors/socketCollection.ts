/**
 * One look at the sockets of a host: a pass of a pump over all namespaces, decoded; repeated when the kernel says its tables
 * changed meanwhile; and, for protocols that sock_diag does not give, /proc/net in their stead.
 */
import type { Endianness } from "../base/byteReader";
import type { DumpOutcome } from "../netlink/dump";
import type { HostFacts } from "../probes/hostFacts";
import type { PumpRequest } from "../probes/pumpRequest";
import { parseProcNetSockets } from "../sockdiag/procNetSockets";
import type { Target } from "../target/target";
import { readHostDump, type HostDump, type NamespaceDump } from "./hostDump";
import type { FileTexts } from "./namespaceFiles";
import { runPump, sourceOf, type PumpKind, type PumpOptions } from "./pumpLadder";
import type { NetworkNamespace, SocketSource } from "./socketModel";
import { planRequests, procFilesOf, readNamespace, ssArguments, type NamespaceSockets, type PlannedProtocol, type SocketPlan } from "./socketPlan";
import type { SocketOwners } from "./socketOwners";

export interface CollectOptions extends PumpOptions {
  /** Read inside each namespace besides. */
  readonly files?: readonly string[];
}

export interface CollectedNamespace extends NamespaceSockets {
  readonly netns: NetworkNamespace;
  readonly files: FileTexts;
}

export interface SocketCollection {
  readonly plan: SocketPlan;
  readonly namespaces: readonly CollectedNamespace[];
  readonly owners: SocketOwners;
  /** Where the TCP sockets come from. */
  readonly source: SocketSource;
  readonly pump: PumpKind;
  /** Protocols the kernel did not list, and how it refused: their sockets are from /proc/net. */
  readonly refused: ReadonlyMap<PlannedProtocol, DumpOutcome>;
  readonly notes: readonly string[];
}

/** Looks before an answer that stays interrupted is taken as it is. */
const TRIES = 3;

export async function collectSockets(target: Target, facts: HostFacts, plan: SocketPlan, options: CollectOptions = {}): Promise<SocketCollection> {
  for (let attempt = 1; ; attempt++) {
    const collection = await collectOnce(target, facts, plan, options);
    const flaws = flawsOf(collection.namespaces);
    if (flaws.length === 0) return collection;
    if (attempt === TRIES) return { ...collection, notes: [...collection.notes, ...flaws] };
  }
}

async function collectOnce(target: Target, facts: HostFacts, plan: SocketPlan, options: CollectOptions): Promise<SocketCollection> {
  const answer = await runPump(target, facts, requestOf(plan, facts, options.files ?? []), options);
  const dump = readHostDump(answer.frames);
  const isText = answer.kind === "proc";
  const read = (one: NamespaceDump): NamespaceSockets => (isText ? readProc(one, plan, facts.endianness) : readNamespace(plan, one, facts.endianness));
  const namespaces = dump.namespaces.map((one) => ({ ...one, ...read(one) }));
  const notes = [...answer.notes, ...dump.notes];
  const refused = refusedProtocols(namespaces);
  const collection = { plan, namespaces, owners: dump.owners, source: sourceOf(answer.kind), pump: answer.kind, refused, notes };
  return refused.size > 0 ? replaceRefused(target, facts, options, collection) : collection;
}

function refusedProtocols(namespaces: readonly NamespaceSockets[]): Map<PlannedProtocol, DumpOutcome> {
  // The first namespace's answer is the kernel's own; in the others a pump may have left the question out.
  const outcomes = namespaces.flatMap((one) => one.outcomes).filter(({ outcome }) => outcome.errno !== undefined);
  return new Map(outcomes.reverse().map(({ protocol, outcome }) => [protocol, outcome]));
}

function requestOf(plan: SocketPlan, facts: HostFacts, files: readonly string[]): PumpRequest {
  return {
    requests: planRequests(plan, facts.endianness),
    files,
    procFiles: procFilesOf(plan.protocols),
    owners: true,
    allNamespaces: true,
    ssArguments: ssArguments(plan),
  };
}

/** A pump asked for the text of /proc/net instead of the protocols that were refused. */
async function replaceRefused(target: Target, facts: HostFacts, options: CollectOptions, collection: SocketCollection): Promise<SocketCollection> {
  const protocols = [...collection.refused.keys()];
  const request: PumpRequest = { requests: [], files: procFilesOf(protocols), procFiles: [], owners: false, allNamespaces: true, ssArguments: [] };
  const pump: PumpKind = collection.pump === "perl" || collection.pump === "python3" ? collection.pump : "proc";
  const answer = await runPump(target, facts, request, { ...options, pumps: [pump] });
  const texts = new Map(readHostDump(answer.frames).namespaces.map((one) => [one.netns.inode, one]));
  const plan: SocketPlan = { ...collection.plan, protocols };
  const namespaces = collection.namespaces.map((one) => {
    const text = texts.get(one.netns.inode);
    const replaced = text ? readProc(text, plan, facts.endianness).inet : [];
    return { ...one, inet: [...replaced, ...one.inet.filter(({ protocol }) => !protocols.includes(protocol))] };
  });
  return { ...collection, namespaces, source: protocols.includes("tcp") ? "proc" : collection.source };
}

function readProc(dump: HostDump["namespaces"][number], plan: SocketPlan, endianness: Endianness): NamespaceSockets {
  const inet: NamespaceSockets["inet"][number][] = [];
  for (const protocol of plan.protocols) {
    if (protocol === "unix") continue;
    for (const file of procFilesOf([protocol])) {
      const { sockets } = parseProcNetSockets(dump.files.get(file) ?? "", endianness);
      for (const socket of sockets) if (plan.states & (1 << socket.state)) inet.push({ protocol, socket });
    }
  }
  return { inet, unix: [], interfaces: new Map(), outcomes: [] };
}

/** Reasons to look again, in words. A refusal is none: it would be refused again. */
function flawsOf(namespaces: readonly CollectedNamespace[]): string[] {
  return namespaces.flatMap(({ netns, outcomes }) =>
    outcomes.flatMap(({ protocol, outcome }) => {
      const what = `${nameOf(protocol)} sockets of network namespace ${netns.name}`;
      if (outcome.damage) return [`The answer about ${what} could not be read in full: ${outcome.damage.message}.`];
      if (outcome.interrupted) return [`The ${what} changed while they were listed (${TRIES} times): some may be missing or double.`];
      return outcome.complete || outcome.errno !== undefined ? [] : [`The list of ${what} has no end: some may be missing.`];
    }),
  );
}

const nameOf = (protocol: PlannedProtocol): string => protocol.toUpperCase();
