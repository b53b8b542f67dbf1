/** One look at the counters and limits of every network namespace of a host. No sockets are read. */
import type { HostFacts } from "../probes/hostFacts";
import type { Target } from "../target/target";
import type { CountersSnapshot } from "./counterRates";
import { HostDumpReader } from "./hostDump";
import { nameContainers } from "./nameContainers";
import { namespaceFiles, readCounters, readQueueLimits, type FileTexts } from "./namespaceFiles";
import { pumpsOf, runPump, type PumpOptions } from "./pumpLadder";
import type { NetworkNamespace } from "./socketModel";
import type { SocketPlan } from "./socketPlan";

const nothing: SocketPlan = { protocols: [], filter: { states: 0, notes: [] }, extensions: 0 };

/** @throws DomainError `pump/none` when no namespace can be entered, or what the target throws. */
export async function takeCounters(target: Target, facts: HostFacts, options: PumpOptions = {}): Promise<CountersSnapshot> {
  const { takenAt, namespaces, notes } = await readNamespaceFiles(target, facts, namespaceFiles, options);
  return { takenAt, namespaces: namespaces.map(({ netns, files }) => ({ netns, counters: readCounters(files), limits: readQueueLimits(files) })), notes };
}

export interface NamespaceTexts {
  /** Milliseconds since the epoch, this machine's clock. */
  readonly takenAt: number;
  readonly namespaces: readonly { readonly netns: NetworkNamespace; readonly files: FileTexts }[];
  readonly notes: readonly string[];
}

/** The same text files of every network namespace; one that is not there, or may not be read, is absent. */
export async function readNamespaceFiles(target: Target, facts: HostFacts, files: readonly string[], options: PumpOptions = {}): Promise<NamespaceTexts> {
  const request = { requests: [], files, procFiles: [], owners: false, allNamespaces: true, ssArguments: [] };
  // ss and the helper ask for sockets, of which there is no need here: files are all that the others print too.
  const pumps = (options.pumps ?? pumpsOf(facts)).filter((kind) => kind !== "ss" && kind !== "helper");
  let reader = new HostDumpReader(nothing, facts.endianness);
  const answer = await runPump(target, facts, request, { ...options, pumps }, () => {
    const begun = (reader = new HostDumpReader(nothing, facts.endianness));
    return (frame) => begun.accept(frame);
  });
  const takenAt = Date.now();
  const { namespaces, notes } = reader.finish();
  // What /proc/net does not know of sockets is no matter here.
  const privileges = answer.kind === "proc" ? [] : answer.notes;
  const named = await nameContainers(target, facts, namespaces, options.signal);
  return { takenAt, namespaces: named.spaces, notes: [...privileges, ...notes, ...named.notes] };
}
