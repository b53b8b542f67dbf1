/** Who holds the sockets of a look that was taken without it: so that they can be shown before the descriptors of all processes were read. */
import type { HostFacts } from "../probes/hostFacts";
import { addressFamily } from "../sockdiag/protocols";
import { isKnown } from "../sockdiag/socketColumns";
import type { Target } from "../target/target";
import { HostDumpReader } from "./hostDump";
import { pumpsOf, runPump, type PumpOptions } from "./pumpLadder";
import type { SocketOwners } from "./socketOwners";
import type { SocketPlan } from "./socketPlan";
import { SocketTable } from "./socketTable";

const nothing: SocketPlan = { protocols: [], filter: { states: 0, notes: [] }, extensions: 0 };
/** Of more sockets than this the owners of all there are cost less than the list of those wanted. */
const FEW = 4096;

export interface OwnedSockets {
  /** The same rows with their processes. */
  readonly sockets: SocketTable;
  /** What could not be seen, in words. */
  readonly notes: readonly string[];
}

/**
 * An inode is given to another socket only after four billion of them, so an owner is never one of another socket; a socket that is gone has none.
 * @throws DomainError `pump/none`, or what the target throws
 */
export async function takeOwners(target: Target, facts: HostFacts, sockets: SocketTable, options: PumpOptions = {}): Promise<OwnedSockets> {
  const inodes = inodesOf(sockets);
  if (inodes.length === 0) return { sockets: withOwners(sockets, new Map()), notes: [] };
  const request = { requests: [], files: [], procFiles: [], owners: inodes.length > FEW ? ("all" as const) : inodes, allNamespaces: false, ssArguments: [] };
  // ss and the helper ask for sockets, of which there is no need here.
  const pumps = (options.pumps ?? pumpsOf(facts)).filter((kind) => kind !== "ss" && kind !== "helper");
  let reader = new HostDumpReader(nothing, facts.endianness);
  const answer = await runPump(target, facts, request, { ...options, pumps }, () => {
    const begun = (reader = new HostDumpReader(nothing, facts.endianness));
    return (frame) => begun.accept(frame);
  });
  const { owners, notes } = reader.finish();
  // What /proc/net does not know of sockets is no matter here.
  return { sockets: withOwners(sockets, owners), notes: answer.kind === "proc" ? notes : [...answer.notes, ...notes] };
}

/** The same rows, held by these, or by nobody that is known. */
export function withOwners({ columns, surroundings }: SocketTable, owners: SocketOwners): SocketTable {
  const { places, cgroups } = surroundings;
  return new SocketTable(columns, { places, cgroups, owners });
}

/** Of the sockets, and of the other ends of unix sockets. */
function inodesOf(sockets: SocketTable): number[] {
  const { columns } = sockets;
  const inodes = new Set<number>();
  for (let row = 0; row < columns.length && inodes.size <= FEW; row++) {
    if ((columns.known[row] ?? 0) & isKnown.inode) inodes.add(columns.inode[row] ?? 0);
    const peer = columns.family[row] === addressFamily.unix ? sockets.row(row).peerInode : undefined;
    if (peer !== undefined) inodes.add(peer);
  }
  inodes.delete(0);
  return [...inodes];
}
