import { dropProbes, queueFunctions, type QueueProbe } from "../../bpftrace/dropProgram";
import { dropRecord } from "../../bpftrace/dropRecord";
import { recordProgram } from "../../bpftrace/recordProgram";
import { kernelStructs } from "../../bpftrace/kernelStructs";
import type { Btf } from "../../btf/btf";
import { fieldPlace } from "../../btf/fieldPlace";
import { explainDrop } from "../../knowledge/explainDrop";
import { parseEventFormat } from "../../probes/eventFormat";
import type { TracerFacts } from "../../probes/tracerProbe";
import { BpftraceDecoder } from "./bpftraceDecoder";
import { bpftraceObstacle } from "./bpftraceObstacle";
import type { Collector, Obstacle } from "./collector";
import { dropEvent } from "./dropEvent";
import { dropTextEvents } from "./dropTextEvents";
import { ftraceCollector } from "./ftraceCollector";
import type { DropEvent } from "./dropModel";
import { kernelTypes } from "./targetTypes";
import { perfCollector } from "./perfCollector";
import type { TraceKindOf } from "./traceKind";
import type { TraceRequest } from "./traceRequest";

type DropRequest = Extract<TraceRequest, { kind: "drops" }>;

export const dropTracepoint = "skb:kfree_skb";
/** With this reason the kernel itself tells of what a full accept queue drops (6.17). */
const listenOverflow = "TCP_LISTEN_OVERFLOW";

const byBpftrace: Collector<DropRequest, DropEvent> = {
  tool: "bpftrace",
  obstacle: (tracer, facts) => bpftraceObstacle(tracer, facts) ?? tracepointObstacle(tracer),
  plan: async (context, request) => {
    const { tracer, facts, symbolize } = context;
    const { names, hasReason } = dropReasons(tracer);
    const types = await kernelTypes(context.target, context.signal);
    const queueProbes = [...names.values()].includes(listenOverflow) ? [] : readQueueProbes(tracer, types);
    const structs = kernelStructs((structure, path) => fieldPlace(types, structure, path));
    const probes = dropProbes({ hasReason, queueProbes, filter: request, endianness: facts.endianness, structs });
    return {
      command: { argv: ["bpftrace", "-f", "json", "-e", recordProgram(probes, structs.text)], privilege: "root" },
      decoder: new BpftraceDecoder<DropEvent>(probes, (record) => dropEvent(dropRecord(record, facts.endianness), names), symbolize),
      ...(hasReason ? {} : { notes: ["This kernel is older than 5.17 and gives no reasons: causes are told by the place alone."] }),
    };
  },
};

export const tracepointObstacle = ({ formats }: TracerFacts): Obstacle | undefined =>
  formats.has(dropTracepoint) ? undefined : { code: "trace/no-tracepoint", sentence: `This kernel has no tracepoint ${dropTracepoint}, or tracefs is not mounted.` };

/** By the target's own format: the numbers differ with every version. */
export function dropReasons({ formats }: TracerFacts): { readonly names: ReadonlyMap<number, string>; readonly hasReason: boolean } {
  const { fields, names } = parseEventFormat(formats.get(dropTracepoint) ?? "");
  return { names, hasReason: fields.some(({ name }) => name === "reason") };
}

const readQueueProbes = ({ functions }: TracerFacts, types: Btf): readonly QueueProbe[] =>
  functions.flatMap(({ name, module }) => (module === undefined ? (queueProbe(name, types) ?? []) : []));

export function queueProbe(name: string, types: Btf): QueueProbe | undefined {
  const parameters = types.parametersOf(name) ?? [];
  const socketArgument = parameters.findIndex(({ type }) => /\bstruct sock \*$/.test(type));
  const packetArgument = parameters.findIndex(({ type }) => /\bstruct sk_buff \*$/.test(type));
  if (socketArgument < 0 || packetArgument < 0) return undefined;
  return { function: name, socketArgument, packetArgument, takesSyns: name === "tcp_conn_request" };
}

const textEvents = () => Promise.resolve(dropTextEvents);

const asText = { source: textEvents, obstacle: tracepointObstacle };

/** Every packet that the kernel drops, and those of full listen queues that it does not call dropped. */
export const traceDrops: TraceKindOf<DropRequest, DropEvent> = {
  question: () => ({ functions: queueFunctions, events: [dropTracepoint] }),
  collectors: [byBpftrace, ftraceCollector(asText), perfCollector(asText)],
  subject: {
    explain: (event, stack) => explainDrop({ ...event, ...(event.packet && { flags: event.packet.flags ?? [] }) }, stack),
    deciding: ({ reason = "" }) => reason,
    distinguish: ({ reason, protocol, packet, device }) => [reason, protocol, packet?.transport, packet?.flags?.join(), device],
    ends: ({ packet }) => (packet ? { local: packet.destination, remote: packet.source } : {}),
  },
};
