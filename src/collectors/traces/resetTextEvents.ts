import type { Btf } from "../../btf/btf";
import type { Endianness } from "../../base/byteReader";
import { fromProbe } from "../../bpftrace/resetRecord";
import { packetArgumentOf, resetFunctions, versionOf, type ResetProbe } from "../../bpftrace/resetProgram";
import { isDoingOfProcess } from "../../knowledge/explainReset";
import type { StackFrame } from "../../stacks/stack";
import { chainOf } from "./chainFrame";
import { fetchedPacket, packetFetch } from "./fetchedPacket";
import { fetchedSocket, socketFetch, socketVersion } from "./fetchedSocket";
import { kindOf } from "./resetKind";
import type { ResetEvent } from "./resetModel";
import type { ResetProbes } from "./resetProbes";
import { fieldsOfText, type TextEvent, type TextEventSource } from "./textEvents";

/**
 * Probes of the functions that send resets, with what can be fetched of the socket and of the packet.
 *
 * @param types undefined where there is no BTF: the stack alone is known then
 */
export function resetTextEvents({ probes, reasons, late }: ResetProbes, types: Btf | undefined, endianness: Endianness): TextEventSource<ResetEvent> {
  return {
    ...(late && { late }),
    probes: new Map(probes.map((probe) => [probe.function, definition(probe, types)])),
    tracepoints: [],
    event: (event) => resetOf(event, reasons, endianness),
    notes: ["Only bpftrace reads packets whatever their headers: of one with IP options, and of all where the kernel has no BTF, nothing is known here, and a reset that came in so counts as if it had been answered."],
  };
}

/** Netfilter's functions have no socket, and get the packet at another place. */
function definition(probe: ResetProbe, types: Btf | undefined): string {
  const { function: name, reasonArgument } = probe;
  if (name.startsWith("nf_")) return name;
  const [version, argument] = [versionOf(name), packetArgumentOf(probe)];
  const packet = types && version !== undefined && argument !== undefined ? packetFetch(types, argument, version) : [];
  const reason = reasonArgument === undefined ? [] : [`reason=$arg${reasonArgument + 1}:s32`];
  return [name, ...socketFetch(types), ...packet, ...reason].join(" ");
}

function resetOf({ name, text, comm, pid, stack: frames }: TextEvent, reasons: ReadonlyMap<number, string>, endianness: Endianness): ResetEvent | undefined {
  const sender = resetFunctions.find((known) => known === name);
  if (!sender) return undefined;
  const fields = fieldsOfText(text);
  const version = versionOf(sender) ?? socketVersion(fields, endianness);
  const packet = fetchedPacket(fields, version, endianness);
  // A reset is never answered by one: the function is called, and returns.
  if (packet?.flags.includes("RST")) return undefined;
  const [stack, socket, reason] = [fromProbe(namedAfter(sender, frames), sender), fetchedSocket(fields, endianness), fields.get("reason")];
  return {
    type: "reset",
    kind: kindOf(sender),
    family: version === 6 ? "ipv6" : "ipv4",
    ...(socket ? { socket } : {}),
    ...(packet ? { packet } : { complete: false }),
    ...(reason === undefined ? {} : { reason: reasons.get(Number(reason)) ?? reason }),
    process: { pid, name: comm, isOwner: isDoingOfProcess(chainOf(stack)) },
    stack,
  };
}

/** perf has no name for what lies in a module that was loaded after it began; where a stack begins its event tells. */
const namedAfter = (sender: string, [top, ...callers]: readonly StackFrame[]): readonly StackFrame[] =>
  top === undefined ? [] : [top.symbol === undefined ? { ...top, symbol: sender, kind: "exact" } : top, ...callers];
