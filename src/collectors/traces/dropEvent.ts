import type { Writable } from "../../base/writable";
import { noReason, ownReasons } from "../../bpftrace/dropProgram";
import type { DropRecord } from "../../bpftrace/dropRecord";
import { isDoingOfProcess } from "../../knowledge/explainReset";
import { chainOf } from "./chainFrame";
import type { DropEvent, DroppedPacket } from "./dropModel";
import { etherTypeName, transportName } from "./protocolNames";

/** The record as the faces see it. `reasons`: enum skb_drop_reason of the target, value → name without prefix. */
export function dropEvent(record: DropRecord, reasons: ReadonlyMap<number, string>): DropEvent {
  const { stack, location, device, netns } = record;
  const reason = reasonName(record.reason, reasons);
  const [place] = stack;
  const event: Writable<DropEvent> = {
    type: "drop",
    process: { pid: record.pid, name: record.comm, isOwner: isDoingOfProcess(chainOf(stack)) },
    stack,
  };
  if (reason !== undefined) event.reason = reason;
  if (place && (location !== undefined || place.kind === "exact")) event.place = place;
  if (record.protocol !== 0) event.protocol = etherTypeName(record.protocol);
  if (record.packet) event.packet = packetOf(record.packet);
  if (device !== undefined) event.device = device;
  if (netns !== undefined) event.netns = netns;
  return event;
}

/** The high 16 bits name a subsystem, whose reasons are its own (include/net/dropreason.h). */
export function reasonName(value: number, reasons: ReadonlyMap<number, string>): string | undefined {
  if (value === noReason) return undefined;
  const known = ownReasons.get(value) ?? reasons.get(value);
  const subsystem = Math.floor(value / 0x10000);
  return known ?? (subsystem > 0 ? `SUBSYSTEM_${subsystem}_REASON_${value % 0x10000}` : `REASON_${value}`);
}

const withPorts = new Set(["UDP", "UDPLITE", "SCTP", "DCCP"]);

function packetOf({ source, destination, transport, flags }: NonNullable<DropRecord["packet"]>): DroppedPacket {
  const name = transportName(transport);
  if (name === "TCP") return { source, destination, transport: name, flags };
  if (withPorts.has(name)) return { source, destination, transport: name };
  return { source: { address: source.address }, destination: { address: destination.address }, transport: name };
}
