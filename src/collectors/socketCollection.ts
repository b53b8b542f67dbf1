/**
 * One look at the sockets of a host: a pass of a pump over all namespaces, decoded as it arrives; repeated when the kernel says its
 * tables changed meanwhile, or when it does not take our filter; and, for protocols that sock_diag does not give, /proc/net in
 * their stead.
 */
import type { DumpOutcome } from "../netlink/dumpReader";
import { EINVAL, EPERM } from "../netlink/errnoName";
import type { HostFacts } from "../probes/hostFacts";
import type { PumpRequest } from "../probes/pumpRequest";
import type { FilterExpression } from "../sockdiag/filterExpression";
import type { FilterPlan } from "../sockdiag/filterPlan";
import { isInetProtocol, type Protocol } from "../sockdiag/protocols";
import type { Target } from "../target/target";
import { HostDumpReader, type HostDump, type NamespaceDump } from "./hostDump";
import { nameContainers } from "./nameContainers";
import { runPump, sourceOf, type PumpKind, type PumpOptions } from "./pumpLadder";
import type { SocketSource } from "./socketModel";
import { hasProcFile, planRequests, procFilesOf, ssArguments, type SocketPlan } from "./socketPlan";
import { SocketTable } from "./socketTable";

export interface CollectOptions extends PumpOptions {
  /** Read inside each namespace besides. */
  readonly files?: readonly string[];
  /** Which process holds which socket. Default true; on a host with many descriptors it is what costs most. */
  readonly owners?: boolean;
  /** Names of cgroups. Default false. */
  readonly cgroups?: boolean;
  /** A plan for a kernel that refused the one before: without conditions on marks, or without any program. */
  readonly replan?: (refused: { readonly why: string; readonly marksOnly: boolean }) => FilterPlan;
}

export interface SocketCollection {
  readonly plan: SocketPlan;
  readonly namespaces: readonly NamespaceDump[];
  readonly sockets: SocketTable;
  /** Where the TCP sockets come from. */
  readonly source: SocketSource;
  readonly pump: PumpKind;
  /** Protocols the kernel did not list, and how it refused: their sockets are from /proc/net where that has them. */
  readonly refused: ReadonlyMap<Protocol, DumpOutcome>;
  readonly notes: readonly string[];
}

/** Looks before an answer that stays interrupted is taken as it is. */
const TRIES = 3;

export async function collectSockets(target: Target, facts: HostFacts, plan: SocketPlan, options: CollectOptions = {}): Promise<SocketCollection> {
  for (let attempt = 1; ; attempt++) {
    const collection = await collectAsTaken(target, facts, plan, options);
    const flaws = flawsOf(collection.namespaces);
    if (flaws.length === 0) return collection;
    if (attempt === TRIES) return { ...collection, notes: [...collection.notes, ...flaws] };
  }
}

/** Asks again with less in the kernel's hands when it refuses the program: for a mark without the right to see it, or an operation newer than it. */
async function collectAsTaken(target: Target, facts: HostFacts, plan: SocketPlan, options: CollectOptions): Promise<SocketCollection> {
  const first = await collectOnce(target, facts, plan, options);
  // The old request's refusals do not tell which module is missing.
  if (first.refused.has("tcp") && !plan.plain && first.pump !== "ss") return collectAsTaken(target, facts, { ...plan, plain: true }, options);
  const { kernel } = plan.filter;
  const refusal = [...first.refused].find(([protocol, { errno }]) => isInetProtocol(protocol) && (errno === EPERM || errno === EINVAL));
  if (!kernel || !refusal || !options.replan) return completed(target, facts, options, first);
  const marksOnly = refusal[1].errno === EPERM && namesMark(kernel);
  const why = marksOnly ? "fwmark: the kernel shows marks only to CAP_NET_ADMIN, so none are known here." : "The kernel does not know an operation of the compiled filter, so it is decided here.";
  return collectAsTaken(target, facts, { ...plan, filter: options.replan({ why, marksOnly }) }, options);
}

function namesMark(expression: FilterExpression): boolean {
  if (expression.kind === "and" || expression.kind === "or") return namesMark(expression.left) || namesMark(expression.right);
  return expression.kind === "not" ? namesMark(expression.operand) : expression.kind === "mark";
}

async function collectOnce(target: Target, facts: HostFacts, plan: SocketPlan, options: CollectOptions): Promise<SocketCollection> {
  const { dump, pump, notes } = await pass(target, facts, plan, requestOf(plan, facts, options), options);
  return {
    plan,
    namespaces: dump.namespaces,
    sockets: tableOf(dump, options),
    source: sourceOf(pump),
    pump,
    refused: refusedProtocols(dump.namespaces),
    notes: [...notes, ...dump.notes],
  };
}

async function pass(target: Target, facts: HostFacts, plan: SocketPlan, request: PumpRequest, options: PumpOptions): Promise<{ dump: HostDump; pump: PumpKind; notes: readonly string[] }> {
  let reader = new HostDumpReader(plan, facts.endianness);
  const { kind, notes } = await runPump(target, facts, request, options, () => {
    const begun = (reader = new HostDumpReader(plan, facts.endianness));
    return (frame) => begun.accept(frame);
  });
  const dump = reader.finish();
  const named = await nameContainers(target, facts, dump.namespaces, options.signal);
  return { dump: { ...dump, namespaces: named.spaces, notes: [...dump.notes, ...named.notes] }, pump: kind, notes };
}

function tableOf({ columns, namespaces, owners, cgroups }: HostDump, options: CollectOptions): SocketTable {
  const unasked = options.owners === false ? { ownersUnasked: true as const } : {};
  return new SocketTable(columns, { places: new Map(namespaces.map((one) => [one.number, one])), owners, cgroups, ...unasked });
}

function refusedProtocols(namespaces: readonly NamespaceDump[]): Map<Protocol, DumpOutcome> {
  // The first namespace's answer is the kernel's own; in the others a pump may have left the question out.
  const outcomes = namespaces.flatMap((one) => one.outcomes).filter(({ outcome }) => outcome.errno !== undefined);
  return new Map(outcomes.reverse().map(({ protocol, outcome }) => [protocol, outcome]));
}

function requestOf(plan: SocketPlan, facts: HostFacts, { files = [], owners = true, cgroups = false }: CollectOptions): PumpRequest {
  return {
    cgroups,
    requests: planRequests(plan, facts.endianness),
    files,
    procFiles: procFilesOf(plan.protocols),
    owners,
    allNamespaces: true,
    ssArguments: ssArguments(plan),
  };
}

/** The same pump asked for the text of /proc/net instead of the protocols that were refused, and for the others once more. */
async function completed(target: Target, facts: HostFacts, options: CollectOptions, first: SocketCollection): Promise<SocketCollection> {
  const protocols = [...first.refused.keys()].filter(hasProcFile);
  if (protocols.length === 0) return first;
  if (first.pump === "ss") return asText(target, facts, options, first);
  const rest = first.plan.protocols.filter((protocol) => !protocols.includes(protocol));
  const request = requestOf({ ...first.plan, protocols: rest }, facts, options);
  const plan = { ...first.plan, protocols: [...rest, ...protocols] };
  const { dump } = await pass(target, facts, plan, { ...request, files: [...request.files, ...procFilesOf(protocols)] }, { ...options, pumps: [first.pump] });
  return { ...first, namespaces: dump.namespaces, sockets: tableOf(dump, options), source: protocols.includes("tcp") ? "proc" : first.source };
}

/** `ss` cannot read files for us. */
async function asText(target: Target, facts: HostFacts, options: CollectOptions, first: SocketCollection): Promise<SocketCollection> {
  const { dump } = await pass(target, facts, first.plan, requestOf(first.plan, facts, options), { ...options, pumps: ["proc"] });
  return { ...first, namespaces: dump.namespaces, sockets: tableOf(dump, options), source: "proc" };
}

/** Reasons to look again, in words. A refusal is none: it would be refused again. */
function flawsOf(namespaces: readonly NamespaceDump[]): string[] {
  const links = namespaces.filter(({ hasAllInterfaces }) => !hasAllInterfaces).map(({ netns }) => `The interfaces of network namespace ${netns.name} changed while they were listed (${TRIES} times): some names may be missing.`);
  const sockets = namespaces.flatMap(({ netns, outcomes }) =>
    outcomes.flatMap(({ protocol, outcome }) => {
      const what = `${protocol.toUpperCase()} sockets of network namespace ${netns.name}`;
      if (outcome.damage) return [`The answer about ${what} could not be read in full: ${outcome.damage.message}.`];
      if (outcome.interrupted) return [`The ${what} changed while they were listed (${TRIES} times): some may be missing or double.`];
      return outcome.complete || outcome.errno !== undefined ? [] : [`The list of ${what} has no end: some may be missing.`];
    }),
  );
  return [...links, ...sockets];
}
