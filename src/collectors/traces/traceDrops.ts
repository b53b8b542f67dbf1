import { DomainError } from "../../base/errors";
import { hasFeature } from "../../bpftrace/bpftraceSyntax";
import { parseBpftraceVersion } from "../../bpftrace/bpftraceVersion";
import { dropProbes, freeingFunctions, queueFunctions, type FreeingFunction, type QueueProbe } from "../../bpftrace/dropProgram";
import { dropRecord } from "../../bpftrace/dropRecord";
import type { Btf } from "../../btf/btf";
import { explainDrop } from "../../knowledge/explainDrop";
import { parseEventFormat } from "../../probes/eventFormat";
import type { TracerFacts } from "../../probes/tracerProbe";
import { bpftraceObstacle, versionText } from "./bpftraceObstacle";
import type { Collector, Obstacle } from "./collector";
import { dropEvent } from "./dropEvent";
import { dropTextEvents } from "./dropTextEvents";
import { ftraceCollector } from "./ftraceCollector";
import type { DropEvent } from "./dropModel";
import { kernelFields, recordPlan } from "./recordPlan";
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
    const { target, tracer, facts: { endianness }, signal } = context;
    const { names, hasReason } = dropReasons(tracer);
    const types = await kernelTypes(target, signal);
    const source = readsTracepoints(tracer) ? { tracepoint: true as const, hasReason } : freeingFunction(tracer, types);
    if (!source) throw new DomainError("trace/no-function", noFreeing(tracer), target.name);
    const queueProbes = [...names.values()].includes(listenOverflow) ? [] : readQueueProbes(tracer, types);
    const probes = dropProbes({ source, queueProbes, filter: request, endianness, kernel: await kernelFields(context) });
    return {
      ...recordPlan<DropEvent>(context, probes, (record) => dropEvent(dropRecord(record, endianness), names)),
      notes: [...(hasReason ? [] : [withoutReasons]), ...("tracepoint" in source ? [] : [`bpftrace ${versionText(tracer)} reads the tracepoint ${dropTracepoint} only where headers or types suit it, so ${source.function} is probed; packets that are freed in lists may be missing.`])],
    };
  },
};

const withoutReasons = "This kernel is older than 5.17 and gives no reasons: causes are told by the place alone.";

const noFreeing = (tracer: TracerFacts): string => `bpftrace ${versionText(tracer)} reads the tracepoint ${dropTracepoint} only where headers or types suit it, and none of ${freeingFunctions.join(", ")} can be probed instead`;

function readsTracepoints({ bpftrace = "" }: TracerFacts): boolean {
  const version = parseBpftraceVersion(bpftrace);
  return version !== undefined && hasFeature(version, "tracepointArguments");
}

/** The function that drops packets on this kernel, by its own types. undefined where they do not know it. */
export function freeingFunction({ functions }: TracerFacts, types: Btf): FreeingFunction | undefined {
  const name = freeingFunctions.find((wanted) => functions.some((found) => found.name === wanted));
  const parameters = (name !== undefined && types.parametersOf(name)) || [];
  const [packetArgument, reasonArgument] = [/\bstruct sk_buff \*$/, /^enum skb_drop_reason$/].map((type) => parameters.findIndex((parameter) => type.test(parameter.type)));
  if (name === undefined || packetArgument === undefined || packetArgument < 0) return undefined;
  const notDropped = [...(types.enumerators("skb_drop_reason") ?? [])].filter(([, reason]) => reason === "SKB_CONSUMED").map(([value]) => value);
  return { function: name, packetArgument, notDropped, ...(reasonArgument === undefined || reasonArgument < 0 ? {} : { reasonArgument }) };
}

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
  question: () => ({ functions: [...queueFunctions, ...freeingFunctions], events: [dropTracepoint] }),
  collectors: [byBpftrace, ftraceCollector(asText), perfCollector(asText)],
  subject: {
    explain: (event, stack) => explainDrop({ ...event, ...(event.packet && { flags: event.packet.flags ?? [] }) }, stack),
    deciding: ({ reason = "" }) => reason,
    distinguish: ({ reason, protocol, packet, device }) => [reason, protocol, packet?.transport, packet?.flags?.join(), device],
    ends: ({ packet }) => (packet ? { local: packet.destination, remote: packet.source } : {}),
  },
};
