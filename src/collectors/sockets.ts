/** Sockets of a host that match a filter, in all its network namespaces: as much of the filter as the kernel can run runs there. */
import type { HostFacts } from "../probes/hostFacts";
import type { FilterExpression } from "../sockdiag/filterExpression";
import { planFilter } from "../sockdiag/filterPlan";
import { cgroupPath } from "../sockdiag/filterPredicate";
import { allInetExtensions } from "../sockdiag/inetDiagRequest";
import { parseFilter } from "../sockdiag/parseFilter";
import { isInetProtocol, type Protocol } from "../sockdiag/protocols";
import type { Target } from "../target/target";
import type { Finding } from "./capability";
import { portRangeFile } from "./namespaceFiles";
import type { PumpOptions } from "./pumpLadder";
import { collectSockets, type SocketCollection } from "./socketCollection";
import type { SocketsSnapshot } from "./socketModel";
import { hasProcFile } from "./socketPlan";
import { refusedFinding } from "./refusedFinding";

export interface SocketsOptions extends PumpOptions {
  /** In the language of ss. Default: everything. */
  readonly filter?: string;
  /** tcp_info, memory, congestion control and all else there is. */
  readonly details?: boolean;
  /** Default: TCP and UDP. */
  readonly protocols?: readonly Protocol[];
  /** Which process holds which socket. Default true. */
  readonly owners?: boolean;
}

/** @throws FilterError before anything runs, DomainError `pump/none` when the host gives no sockets at all, or what the target throws. */
export async function takeSockets(target: Target, facts: HostFacts, options: SocketsOptions = {}): Promise<SocketsSnapshot> {
  const text = options.filter ?? "";
  const filter = parseFilter(text);
  const protocols = options.protocols ?? ["tcp", "udp"];
  const plan = { protocols, filter: planFilter(filter, text), extensions: options.details === true ? allInetExtensions : 0 };
  const paths = cgroupsNamed(filter.expression);
  const collection = await collectSockets(target, facts, plan, {
    ...options,
    files: [portRangeFile],
    cgroups: options.details === true || paths.length > 0,
    replan: (refused) => planFilter(filter, text, refused),
  });
  const findings = await refusals(target, facts, collection, options);
  const { sockets, source } = collection;
  return { takenAt: Date.now(), sockets, plan: collection.plan.filter, source, findings, notes: [...collection.notes, ...missingNotes(protocols, collection), ...unknownCgroups(paths, collection)] };
}

function cgroupsNamed(expression: FilterExpression | undefined): string[] {
  switch (expression?.kind) {
    case "and":
    case "or": return [...cgroupsNamed(expression.left), ...cgroupsNamed(expression.right)];
    case "not": return cgroupsNamed(expression.operand);
    case "cgroup": return expression.cgroup.startsWith("/") ? [expression.cgroup] : [];
    default: return [];
  }
}

function unknownCgroups(paths: readonly string[], { sockets }: SocketCollection): string[] {
  const known = new Set(sockets.surroundings.cgroups.values());
  return paths.filter((path) => !known.has(cgroupPath(path))).map((path) => `There is no cgroup ${path} on the host (of cgroup2), so no socket is in it.`);
}

function refusals(target: Target, facts: HostFacts, { refused }: SocketCollection, options: PumpOptions): Promise<Finding[]> {
  return Promise.all([...refused].map(([protocol, outcome]) => refusedFinding(target, facts, protocol, outcome, options)));
}

/** What the pump could not ask for, by name. */
function missingNotes(protocols: readonly Protocol[], { pump }: SocketCollection): string[] {
  const unasked = protocols.filter((protocol) => (pump === "ss" ? protocol !== "tcp" : pump === "proc" && !(isInetProtocol(protocol) && hasProcFile(protocol))));
  return unasked.map((protocol) => `${protocol.toUpperCase()} sockets are missing: this way of reading does not give them.`);
}
