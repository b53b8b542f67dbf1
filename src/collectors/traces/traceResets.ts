import { passingFunctions, receivingFunctions, rejectModules, resetProbes, sendingFunctions, type ResetFunction } from "../../bpftrace/resetProgram";
import { resetRecord } from "../../bpftrace/resetRecord";
import { decidingFacts } from "../../knowledge/decidingFacts";
import { explainReset } from "../../knowledge/explainReset";
import type { TracerFacts } from "../../probes/tracerProbe";
import { bpftraceObstacle, kprobeObstacle } from "./bpftraceObstacle";
import type { Collector, CollectorContext, Obstacle, TracePlan } from "./collector";
import { nearbyConnection } from "./nearbyConnection";
import { resetEvent } from "./resetEvent";
import type { ResetEvent } from "./resetModel";
import { ftraceCollector, ftracePlan } from "./ftraceCollector";
import { kernelFields, recordPlan } from "./recordPlan";
import { lateProbes, readResetProbes, reasonEnum, type ResetProbes } from "./resetProbes";
import { resetTextEvents } from "./resetTextEvents";
import { kernelTypes } from "./targetTypes";
import { textObstacle, type TextEventSource } from "./textEvents";
import { perfCollector } from "./perfCollector";
import type { TraceKindOf } from "./traceKind";
import type { TraceRequest } from "./traceRequest";

type ResetRequest = Extract<TraceRequest, { kind: "resets" }>;

const byBpftrace: Collector<ResetRequest, ResetEvent> = {
  tool: "bpftrace",
  obstacle: (tracer, facts) => bpftraceObstacle(tracer, facts) ?? functionsObstacle(tracer),
  plan: async (context, request) => {
    const { target, facts: { endianness }, tracer, signal } = context;
    const { probes, reasons } = await readResetProbes(target, tracer, signal);
    const kernel = await kernelFields(context);
    const plan = recordPlan<ResetEvent>(context, resetProbes(probes, { filter: request, endianness, kernel }), (record) => {
      const reset = resetRecord(record, endianness);
      return reset && resetEvent(reset, reasons);
    });
    return { ...plan, ...besideBpftrace(context, request) };
  },
};

/** bpftrace sets probes only where there is a function already. */
function besideBpftrace(context: CollectorContext, request: ResetRequest): Pick<TracePlan<ResetEvent>, "beside" | "notes"> {
  const late = lateProbes(context.tracer);
  if (late.size === 0) return {};
  const obstacle = textObstacle("ftrace", context.tracer, request) ?? kprobeObstacle(context.tracer);
  if (obstacle) return { notes: [`A rule with REJECT loads ${[...rejectModules.values()].join(" or ")}; resets of one that is loaded from now on are not seen. ${obstacle.sentence}`] };
  const only: ResetProbes = { probes: [], reasons: new Map(), late };
  return { beside: ftracePlan(context, resetTextEvents(only, undefined, context.facts.endianness), request) };
}

const functionsObstacle = ({ functions }: TracerFacts): Obstacle | undefined =>
  functions.length > 0 ? undefined : { code: "bpftrace/no-functions", sentence: `This kernel has none of ${sendingFunctions.join(", ")}.` };

const functionsOf = ({ received, passing }: ResetRequest): readonly ResetFunction[] => [...sendingFunctions, ...(received ? receivingFunctions : []), ...(passing ? passingFunctions : [])];

const ftraceObstacle = (tracer: TracerFacts, { passing }: ResetRequest): Obstacle | undefined =>
  kprobeObstacle(tracer) ?? functionsObstacle(tracer) ?? (passing ? { code: "trace/no-packets", sentence: "Only bpftrace picks packets by their headers, which is how resets that pass TCP by are found." } : undefined);

async function textEvents({ target, tracer, facts, signal }: CollectorContext, request: ResetRequest): Promise<TextEventSource<ResetEvent>> {
  const types = tracer.hasBtf ? await kernelTypes(target, signal) : undefined;
  const present = functionsOf(request).filter((name) => tracer.functions.some((found) => found.name === name));
  const probes: ResetProbes = types ? await readResetProbes(target, tracer, signal) : { probes: present.map((name) => ({ function: name })), reasons: new Map() };
  return resetTextEvents({ ...probes, late: lateProbes(tracer) }, types, facts.endianness);
}

const asText = { source: textEvents, obstacle: ftraceObstacle };

/** Every RST that this host sends; when asked for, those that it receives or lets pass. */
export const traceResets: TraceKindOf<ResetRequest, ResetEvent> = {
  question: (request) => ({ functions: functionsOf(request), words: [reasonEnum] }),
  collectors: [byBpftrace, ftraceCollector(asText), perfCollector(asText)],
  subject: {
    explain: explainReset,
    deciding: decidingFacts,
    distinguish: ({ kind, family, socket, packet, reason }) => [kind, family, socket?.state, packet?.flags.join(), reason],
    learn: nearbyConnection,
    ends: ({ packet, socket }) => ({
      ...(packet ? { local: packet.destination, remote: packet.source } : socket ? { local: socket.local, remote: socket.remote } : {}),
    }),
  },
};
