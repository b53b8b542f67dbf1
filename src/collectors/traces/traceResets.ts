import { resetFunctions, resetProbes } from "../../bpftrace/resetProgram";
import { resetRecord } from "../../bpftrace/resetRecord";
import { recordProgram } from "../../bpftrace/recordProgram";
import { explainReset } from "../../knowledge/explainReset";
import type { TracerFacts } from "../../probes/tracerProbe";
import { BpftraceDecoder } from "./bpftraceDecoder";
import { bpftraceObstacle } from "./bpftraceObstacle";
import type { Collector, Obstacle } from "./collector";
import { resetEvent } from "./resetEvent";
import type { ResetEvent } from "./resetModel";
import { readResetProbes, reasonEnum } from "./resetProbes";
import type { TraceKindOf } from "./traceKind";
import type { TraceRequest } from "./traceRequest";

type ResetRequest = Extract<TraceRequest, { kind: "resets" }>;

/** The program is generated for the functions and types that this kernel has; its records come as lines of JSON. */
const byBpftrace: Collector<ResetRequest, ResetEvent> = {
  tool: "bpftrace",
  obstacle: (tracer, facts) => bpftraceObstacle(tracer, facts) ?? functionsObstacle(tracer),
  plan: async ({ target, facts, tracer, symbolize, signal }, request) => {
    const { probes, reasons } = await readResetProbes(target, tracer, signal);
    const own = resetProbes(probes, request, facts.endianness);
    return {
      command: { argv: ["bpftrace", "-f", "json", "-e", recordProgram(own)], privilege: "root" },
      decoder: new BpftraceDecoder<ResetEvent>(own, (record) => {
        const reset = resetRecord(record, facts.endianness);
        return reset && resetEvent(reset, reasons);
      }, symbolize),
    };
  },
};

const functionsObstacle = ({ functions }: TracerFacts): Obstacle | undefined =>
  functions.length > 0 ? undefined : { code: "bpftrace/no-functions", sentence: `This kernel has none of ${resetFunctions.join(", ")}.` };

/** Every RST that this host sends. */
export const traceResets: TraceKindOf<ResetRequest, ResetEvent> = {
  question: () => ({ functions: resetFunctions, words: [reasonEnum] }),
  collectors: [byBpftrace],
  subject: {
    explain: explainReset,
    distinguish: ({ kind, family, socket, packet, reason }) => [kind, family, socket?.state, packet?.flags.join(), reason],
    ends: ({ packet, socket }) => ({
      ...(packet ? { local: packet.destination, remote: packet.source } : socket ? { local: socket.local, remote: socket.remote } : {}),
    }),
  },
};
