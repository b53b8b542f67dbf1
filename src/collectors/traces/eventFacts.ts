import { isOwnReason } from "../../knowledge/explainDrop";
import type { ResetKind } from "../../knowledge/resetFacts";
import { durationText } from "../../stacks/callgraph/callTotals";
import type { Endpoint } from "../socketModel";
import { endpointText } from "../endpointText";
import { stepPlace } from "./packetpath/pathModel";
import type { TracedProcess, TraceEvent } from "./traceModel";

/** One fact of an event in words. */
export interface EventFact {
  /** Stable, for rows and scripts. */
  readonly id: string;
  readonly label: string;
  readonly text: string;
}

/** Who with whom, in one line; of several events the newest. Empty when the event does not tell. */
export function endsText(event: TraceEvent): string {
  switch (event.type) {
    case "reset": {
      const ends = event.packet ? { local: event.packet.destination, remote: event.packet.source } : event.socket;
      return ends ? arrow(ends.local, ends.remote) : `${event.family} · endpoints unknown`;
    }
    case "drop": {
      const { packet, protocol = "" } = event;
      return packet ? `${packet.transport}${flagText(packet.flags)} ${arrow(packet.source, packet.destination)}` : protocol;
    }
    case "path":
    case "invalid": {
      const { transport, flags, source, destination } = event.packet;
      return `${transport}${flagText(flags)} ${arrow(source, destination)}`;
    }
    case "callgraph":
      return durationText(event.totals.totalNs);
    case "call":
      return event.endpoints && [event.endpoints.local, event.endpoints.remote].some(isSet) ? arrow(event.endpoints.local, event.endpoints.remote) : "";
  }
}

/** Everything worth a line of its own, most telling first. */
export function eventFacts(event: TraceEvent): readonly EventFact[] {
  return [...ownFacts(event), ...(event.process ? [event.type === "callgraph" ? fact("process", "on the CPU", `${event.process.name}[${event.process.pid}] the last time`) : processFact(event.process)] : []), ...(event.netns === undefined ? [] : [fact("netns", "network namespace", String(event.netns))])];
}

function ownFacts(event: TraceEvent): readonly EventFact[] {
  switch (event.type) {
    case "reset": {
      const { kind, socket, packet, nearby, conntrack, reason } = event;
      return [
        ...(socket ? [fact("socket", "socket", `${endpointText(socket.local)} ↔ ${endpointText(socket.remote)} ${socket.state}`)] : []),
        ...(packet ? [fact("packet", isOfOthers(kind) ? "reset" : "answers", `${packet.flags.join(",") || "no flags"} from ${endpointText(packet.source)} · seq ${packet.seq} ack ${packet.ack}`)] : []),
        ...(nearby ? [fact("nearby", "same peer", `${endpointText(nearby.local)} ↔ ${endpointText(nearby.remote)} ${nearby.state}`)] : []),
        ...(conntrack === "none" && nearby ? [fact("conntrack", "conntrack", "no entry for this packet: INVALID")] : conntrack === "untracked" ? [fact("conntrack", "conntrack", "not to be tracked (notrack)")] : []),
        ...(reason === undefined ? [] : [fact("reason", "kernel's reason", reason)]),
      ];
    }
    case "drop": {
      const { packet, protocol, device, reason } = event;
      return [
        ...(packet ? [fact("packet", "packet", `${protocol ?? ""} ${endsText(event)}`.trim())] : protocol === undefined ? [] : [fact("packet", "packet", protocol)]),
        ...(device === undefined ? [] : [fact("device", "device", device)]),
        ...(reason === undefined ? [] : [fact("reason", isOwnReason(reason) ? "no drop to the kernel" : "kernel's reason", reason)]),
      ];
    }
    case "invalid": {
      const { packet: { deviceIn, deviceOut, seq, ack, length }, reason } = event;
      const numbers = [...(seq === undefined ? [] : [`seq ${seq}`]), ...(ack === undefined ? [] : [`ack ${ack}`]), ...(length === undefined ? [] : [`${length} bytes`])];
      return [
        fact("packet", "packet", [endsText(event), ...numbers].join(" · ")),
        ...(deviceIn === undefined && deviceOut === undefined ? [] : [fact("device", "device", deviceIn === undefined ? `out ${deviceOut ?? ""}` : `in ${deviceIn}`)]),
        ...(reason === undefined ? [] : [fact("reason", "kernel's reason", reason)]),
      ];
    }
    case "path": {
      const { packet: { deviceIn, deviceOut }, steps } = event;
      return [
        fact("packet", "packet", endsText(event)),
        fact("device", "device", deviceIn === undefined ? `out ${deviceOut ?? "?"}` : `in ${deviceIn}`),
        ...steps.map((step, index) => fact(`step-${index}`, `${index + 1}. ${stepPlace(step)}`, `${step.rule ?? "policy"} → ${step.verdict}`)),
      ];
    }
    case "callgraph": {
      const { totals, slowest, leftOut } = event;
      return [
        fact("duration", "time", `${durationText(totals.totalNs)} in all · ${durationText(totals.totalNs / totals.calls)} on average · longest ${durationText(totals.longestNs)}`),
        ...(slowest.args === undefined ? [] : [fact("arguments", "longest called with", slowest.args)]),
        ...(totals.returned ? [fact("returned", "returned", totals.returned.join(", "))] : []),
        ...(leftOut === 0 ? [] : [fact("left-out", "not kept", `${leftOut} calls below it: there were too many`)]),
      ];
    }
    case "call":
      return event.arguments.map(({ name, type, value }) => fact(`argument-${name}`, name, type === "" ? value : `${value} (${type})`));
  }
}

/** The packet is the reset itself. */
const isOfOthers = (kind: ResetKind): boolean => kind === "forwarded" || kind === "raw";

const processFact = ({ pid, name, isOwner }: TracedProcess): EventFact =>
  fact("process", isOwner ? "process" : "on the CPU", `${name}[${pid}]${isOwner ? "" : " (interrupted, not the owner)"}`);

const fact = (id: string, label: string, text: string): EventFact => ({ id, label, text });

/** A socket that is not bound or connected yet has ends that say nothing. */
const isSet = ({ address, port = 0 }: Endpoint): boolean => port !== 0 || !/^(?:0\.0\.0\.0|::)$/.test(address);

const arrow = (from: Endpoint, to: Endpoint): string => `${endpointText(from)} → ${endpointText(to)}`;

const flagText = (flags: readonly string[] | undefined): string => (flags && flags.length > 0 ? ` ${flags.join(",")}` : "");
