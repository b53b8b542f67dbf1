import { versionOf } from "../../bpftrace/resetProgram";
import type { ResetRecord } from "../../bpftrace/resetRecord";
import { isDoingOfProcess } from "../../knowledge/explainReset";
import { tcpStates, type Endpoint, type TcpState } from "../socketModel";
import { chainOf } from "./chainFrame";
import { kindOf } from "./resetKind";
import type { ResetEvent } from "./resetModel";

const mappedPrefix = "::ffff:";

/** An IPv4 address of a socket that speaks both. */
const isMapped = (address: string): boolean => address.startsWith(mappedPrefix) && address.includes(".");

/** The record as the faces see it. `reasons`: enum sk_rst_reason of the target, value → name. */
export function resetEvent(record: ResetRecord, reasons: ReadonlyMap<number, string>): ResetEvent {
  const { stack } = record;
  const reason = record.reason === undefined ? undefined : (reasons.get(record.reason) ?? String(record.reason));
  return {
    type: "reset",
    kind: kindOf(record.probe),
    family: isIpv4(record) ? "ipv4" : "ipv6",
    ...(!record.hasSocket ? {} : { socket: socketOf(record) }),
    ...(record.packet && { packet: record.packet }),
    ...(record.conntrack && { conntrack: record.conntrack }),
    ...(reason === undefined ? {} : { reason }),
    process: { pid: record.pid, name: record.comm, isOwner: isDoingOfProcess(chainOf(stack)) },
    ...(record.netns === 0 ? {} : { netns: record.netns }),
    stack,
  };
}

/** A dual-stack socket that speaks IPv4 has mapped addresses; what it sends is IPv4. */
const isIpv4 = ({ probe, family, remote }: ResetRecord): boolean => (versionOf(probe) === undefined ? family !== 10 || isMapped(remote.address) : versionOf(probe) === 4);

function socketOf(record: ResetRecord): NonNullable<ResetEvent["socket"]> {
  const state = stateName(record.state);
  const places = { local: endpoint(record.local), remote: endpoint(record.remote), state };
  // The two small kinds of sockets end before the fields that follow.
  if (state === "TIME-WAIT") return { ...places, substate: stateName(record.substate) };
  if (state === "NEW-SYN-RECV") return places;
  return { ...places, hasOwner: record.hasOwner, linger2: record.linger2, shutdown: record.shutdown };
}

const stateName = (value: number): TcpState => tcpStates[value] ?? "UNKNOWN";

const endpoint = ({ address, port }: ResetRecord["local"]): Endpoint => ({ address: isMapped(address) ? address.slice(mappedPrefix.length) : address, port });
