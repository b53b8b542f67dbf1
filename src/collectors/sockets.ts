/** Sockets of a host that match a filter, in all its network namespaces. States are filtered by the kernel, the rest here. */
import type { HostFacts } from "../probes/hostFacts";
import { evaluateFilter } from "../sockdiag/evaluateFilter";
import type { SocketFilter } from "../sockdiag/filterExpression";
import { allInetExtensions } from "../sockdiag/inetDiagRequest";
import { parseFilter } from "../sockdiag/parseFilter";
import type { Target } from "../target/target";
import type { Finding } from "./capability";
import { portRangeFile, readPortRange } from "./namespaceFiles";
import type { PumpOptions } from "./pumpLadder";
import { collectSockets, type CollectedNamespace, type SocketCollection } from "./socketCollection";
import type { SocketRow, SocketsSnapshot } from "./socketModel";
import type { PlannedProtocol } from "./socketPlan";
import { inetRow, unixRow } from "./socketRow";
import { refusedFinding } from "./tcpDiagFinding";

export interface SocketsOptions extends PumpOptions {
  /** In the language of ss. Default: everything. */
  readonly filter?: string;
  /** tcp_info, memory, congestion control and all else there is. */
  readonly details?: boolean;
  /** Default: TCP and UDP. */
  readonly protocols?: readonly PlannedProtocol[];
}

/** @throws FilterError before anything runs, DomainError `pump/none` when the host gives no sockets at all, or what the target throws. */
export async function takeSockets(target: Target, facts: HostFacts, options: SocketsOptions = {}): Promise<SocketsSnapshot> {
  const filter = parseFilter(options.filter ?? "");
  const protocols = options.protocols ?? ["tcp", "udp"];
  const plan = { protocols, states: filter.states, extensions: options.details === true ? allInetExtensions : 0 };
  const collection = await collectSockets(target, facts, plan, { ...options, files: [portRangeFile] });
  const rows = collection.namespaces.flatMap((one) => rowsOf(one, filter, collection));
  const findings = await refusals(target, facts, collection, options);
  return { takenAt: Date.now(), rows, source: collection.source, findings, notes: [...collection.notes, ...missingNotes(protocols, collection)] };
}

function rowsOf(one: CollectedNamespace, filter: SocketFilter, { owners }: SocketCollection): SocketRow[] {
  const range = readPortRange(one.files);
  const keep = (row: SocketRow): boolean => !filter.expression || evaluateFilter(filter.expression, row, range);
  const inet = one.inet.map(({ protocol, socket }) => inetRow(one, protocol, socket, owners));
  return [...inet, ...one.unix.map((socket) => unixRow(one.netns, socket, owners))].filter(keep);
}

function refusals(target: Target, facts: HostFacts, { refused }: SocketCollection, options: PumpOptions): Promise<Finding[]> {
  return Promise.all([...refused].map(([protocol, outcome]) => refusedFinding(target, facts, protocol, outcome, options)));
}

/** What the pump could not ask for, by name. */
function missingNotes(protocols: readonly PlannedProtocol[], { pump }: SocketCollection): string[] {
  const unasked = protocols.filter((protocol) => (pump === "ss" ? protocol !== "tcp" : pump === "proc" && protocol === "unix"));
  return unasked.map((protocol) => `${protocol.toUpperCase()} sockets are missing: this way of reading does not give them.`);
}
