import { printfLimits } from "../../bpftrace/bpftraceSyntax";
import { parseBpftraceVersion } from "../../bpftrace/bpftraceVersion";
import { KernelFields } from "../../bpftrace/kernelFields";
import { recordProgram, type RecordProbe } from "../../bpftrace/recordProgram";
import type { TraceRecord } from "../../bpftrace/traceRecord";
import { fieldPlace } from "../../btf/fieldPlace";
import type { TracerFacts } from "../../probes/tracerProbe";
import { BpftraceDecoder } from "./bpftraceDecoder";
import type { CollectorContext, TracePlan } from "./collector";
import { kernelTypes } from "./targetTypes";
import type { TraceEvent } from "./traceModel";

/** Where this kernel has the fields that programs read. */
export async function kernelFields({ target, signal }: CollectorContext): Promise<KernelFields> {
  const types = await kernelTypes(target, signal);
  return new KernelFields((structure, path) => fieldPlace(types, structure, path));
}

/** The program of these probes, written for the target's bpftrace, whose records come as lines of JSON. */
export const recordPlan = <E extends TraceEvent>({ tracer, symbolize }: CollectorContext, probes: readonly RecordProbe[], toEvent: (record: TraceRecord) => E | undefined): TracePlan<E> => ({
  command: { argv: ["bpftrace", "-f", "json", "-e", recordProgram(probes, limitsOf(tracer))], privilege: "root" },
  decoder: new BpftraceDecoder<E>(probes, toEvent, symbolize),
});

function limitsOf({ bpftrace = "" }: TracerFacts): ReturnType<typeof printfLimits> {
  const version = parseBpftraceVersion(bpftrace);
  return version && printfLimits(version);
}
