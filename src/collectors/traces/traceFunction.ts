import type { Endianness } from "../../base/byteReader";
import { sockaddrWords, callProbe, knownArguments, type CallParameter } from "../../bpftrace/callProgram";
import { fromProbe } from "../../bpftrace/resetRecord";
import { isDoingOfProcess } from "../../knowledge/explainReset";
import type { FoundFunction, TracerFacts } from "../../probes/tracerProbe";
import type { StackFrame } from "../../stacks/stack";
import { addressArgument } from "./addressArgument";
import { bpftraceObstacle, kprobeObstacle } from "./bpftraceObstacle";
import { callEvent, plainValue } from "./callEvent";
import type { CallEvent } from "./callModel";
import { chainOf } from "./chainFrame";
import type { Collector, CollectorContext, Obstacle } from "./collector";
import { explainCall } from "./explainCall";
import { pointerOf } from "./fetchedFields";
import { ftraceCollector } from "./ftraceCollector";
import { kernelFields, recordPlan } from "./recordPlan";
import { kernelTypes, moduleTypes } from "./targetTypes";
import { fieldsOfText, type TextEvent, type TextEventSource } from "./textEvents";
import { perfCollector } from "./perfCollector";
import type { TraceKindOf } from "./traceKind";
import type { TraceRequest } from "./traceRequest";

type FunctionRequest = Extract<TraceRequest, { kind: "function" }>;

/** `system:event`. */
export const isTracepoint = (name: string): boolean => /^[\w-]+:[\w-]+$/.test(name);

const byBpftrace: Collector<FunctionRequest, CallEvent> = {
  tool: "bpftrace",
  obstacle: (tracer, facts, request) => (isTracepoint(request.name) ? tracepointsElsewhere : (bpftraceObstacle(tracer, facts) ?? probeObstacle(tracer, request))),
  plan: async (context, request) => {
    const { facts: { endianness }, tracer } = context;
    const parameters = await parametersOf(context, request.name);
    const probe = callProbe({ function: request.name, ...(parameters && { parameters }), filter: request, endianness, kernel: await kernelFields(context) });
    return {
      ...recordPlan<CallEvent>(context, [probe], (record) => callEvent(request.name, parameters ?? [], record, endianness)),
      ...(parameters ? {} : { notes: [`The types of this kernel do not know ${moduleOf(tracer, request.name)}${request.name}: its arguments are not shown.`] }),
    };
  },
};

/** ftrace prints a tracepoint by its own format, which is what a person wants to read. */
const tracepointsElsewhere: Obstacle = { code: "trace/tracepoint", sentence: "Tracepoints are read as the kernel prints them." };

const moduleOf = ({ functions }: TracerFacts, name: string): string => {
  const module = functions.find((found) => found.name === name)?.module;
  return module === undefined ? "" : `${module}:`;
};

/** @returns undefined when neither the kernel nor the module has its prototype, or the compiler changed it */
async function parametersOf({ target, tracer, signal }: CollectorContext, name: string): Promise<readonly CallParameter[] | undefined> {
  const kernel = await kernelTypes(target, signal);
  const module = tracer.functions.find((found) => found.name === name)?.module;
  const types = module === undefined ? kernel : await moduleTypes(target, module, kernel, signal);
  return types?.parametersOf(name);
}

const eventOf = (name: string): string => name.split(":")[1] ?? name;

async function textEvents(context: CollectorContext, { name }: FunctionRequest): Promise<TextEventSource<CallEvent>> {
  if (isTracepoint(name)) return { probes: new Map(), tracepoints: [name.replace(":", "/")], event: (event) => callOf({ ...event, stack: withoutTracing(event.stack) }, name, [], context.facts.endianness) };
  const parameters = context.tracer.hasBtf ? ((await parametersOf(context, name)) ?? []) : [];
  const { address } = knownArguments(parameters);
  const fetches = [
    ...parameters.slice(0, 6).map((_, index) => `arg${index}=$arg${index + 1}:x64`),
    ...(address === undefined ? [] : sockaddrWords.map((word, index) => `${word}=+${8 * index}($arg${address + 1}):x64`)),
  ];
  return { probes: new Map([["call", [name, ...fetches].join(" ")]]), tracepoints: [], event: (event) => callOf({ ...event, stack: fromProbe(event.stack, name) }, name, parameters, context.facts.endianness) };
}

/** A tracepoint's stack begins in the tracing code that it called. */
function withoutTracing(stack: readonly StackFrame[]): readonly StackFrame[] {
  const at = stack.findIndex(({ symbol }) => symbol === undefined || !/^(?:trace_event_raw_event_|__traceiter_|perf_trace_|trace_event_buffer_)/.test(symbol));
  return at <= 0 ? stack : stack.slice(at).map((frame, index) => (index === 0 ? { ...frame, kind: "return" } : frame));
}

function callOf(event: TextEvent, name: string, parameters: readonly CallParameter[], endianness: Endianness): CallEvent | undefined {
  if (event.name !== (isTracepoint(name) ? eventOf(name) : "call")) return undefined;
  const fields = fieldsOfText(event.text);
  const { address } = knownArguments(parameters);
  const words = sockaddrWords.map((word) => pointerOf(fields, word) ?? 0n);
  const values = isTracepoint(name)
    ? [{ name: "event", type: "", value: event.text }]
    : parameters.slice(0, 6).map((parameter, index) => ({ ...parameter, value: (index === address ? addressArgument(words, endianness) : undefined) ?? plainValue(pointerOf(fields, `arg${index}`) ?? 0n, parameter.type) }));
  return { type: "call", name, arguments: values, process: { pid: event.pid, name: event.comm, isOwner: isDoingOfProcess(chainOf(event.stack)) }, stack: event.stack };
}

/** Why this function cannot be probed. */
export function probeObstacle(tracer: TracerFacts, { name }: FunctionRequest): Obstacle | undefined {
  if (isTracepoint(name)) return tracer.formats.has(name) ? undefined : { code: "trace/no-tracepoint", sentence: `This kernel has no tracepoint ${name}.${nearText(tracer, name)}` };
  return traceableObstacle(tracer, name) ?? kprobeObstacle(tracer);
}

/** Why ftrace has no place in this function. */
export function traceableObstacle(tracer: TracerFacts, name: string): Obstacle | undefined {
  const found = tracer.functions.find((candidate) => candidate.name === name);
  if (!found) return { code: "trace/no-function", sentence: `There is no function ${name} among this kernel's symbols: it is inlined everywhere, belongs to a module that is not loaded, or has another name here.${nearText(tracer, name)}` };
  if (found.isTraceable === false) return { code: "trace/not-traceable", sentence: `${name} exists, but cannot be probed: it is marked notrace, or the compiler left no room for a probe in it.${nearText(tracer, name)}` };
  return undefined;
}

function nearText({ functions }: TracerFacts, name: string): string {
  const near = nearestNames(functions, name);
  return near.length === 0 ? "" : ` Near: ${near.join(", ")}.`;
}

/** Of the functions that were found by a part of the name, those most like it. */
export function nearestNames(functions: readonly FoundFunction[], name: string): readonly string[] {
  const likeness = (other: string): number => Math.abs(other.length - name.length) + (other.startsWith(name) ? 0 : other.includes(name) ? 1 : 3);
  return functions.filter((found) => found.name !== name && found.isTraceable !== false).map((found) => found.name).sort((a, b) => likeness(a) - likeness(b) || a.localeCompare(b)).slice(0, 5);
}

const asText = { source: textEvents, obstacle: probeObstacle };

/** Calls of one function, or hits of one tracepoint. */
export const traceFunction: TraceKindOf<FunctionRequest, CallEvent> = {
  question: ({ name }) => (isTracepoint(name) ? { functions: [], events: [name] } : { functions: [name], alike: name }),
  collectors: [byBpftrace, ftraceCollector(asText), perfCollector(asText)],
  subject: {
    explain: explainCall,
    distinguish: ({ name, endpoints }) => [name, endpoints ? "" : undefined],
    ends: ({ endpoints }) => endpoints ?? {},
  },
};
