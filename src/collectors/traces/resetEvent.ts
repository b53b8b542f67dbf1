import type { Writable } from "../../base/writable";
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
  const { stack, packet, conntrack, netns } = record;
  const event: Writable<ResetEvent> = {
    type: "reset",
    kind: kindOf(record.probe),
    family: isIpv4(record) ? "ipv4" : "ipv6",
    process: { pid: record.pid, name: record.comm, isOwner: isDoingOfProcess(chainOf(stack)) },
    stack,
  };
  if (record.hasSocket) event.socket = socketOf(record);
  if (packet) event.packet = packet;
  if (conntrack) event.conntrack = conntrack;
  if (record.reason !== undefined) event.reason = reasons.get(record.reason) ?? String(record.reason);
  if (netns !== 0) event.netns = netns;
  return event;
}

/** A dual-stack socket that speaks IPv4 has mapped addresses; what it sends is IPv4. */
const isIpv4 = ({ probe, family, remote }: ResetRecord): boolean => (versionOf(probe) === undefined ? family !== 10 || isMapped(remote.address) : versionOf(probe) === 4);

function socketOf(record: ResetRecord): NonNullable<ResetEvent["socket"]> {
  const state = stateName(record.state);
  const [local, remote] = [endpoint(record.local), endpoint(record.remote)];
  // The two small kinds of sockets end before the fields that follow.
  if (state === "TIME-WAIT") return { local, remote, state, substate: stateName(record.substate) };
  if (state === "NEW-SYN-RECV") return { local, remote, state };
  return { local, remote, state, hasOwner: record.hasOwner, linger2: record.linger2, shutdown: record.shutdown };
}

const stateName = (value: number): TcpState => tcpStates[value] ?? "UNKNOWN";

const endpoint = (place: ResetRecord["local"]): Endpoint => (isMapped(place.address) ? { address: place.address.slice(mappedPrefix.length), port: place.port } : place);
