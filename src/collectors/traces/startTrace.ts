import { describeError, DomainError, errorCode } from "../../base/errors";
import type { HostFacts } from "../../probes/hostFacts";
import { runProbe } from "../../probes/probe";
import { tracerProbe, type TracerFacts } from "../../probes/tracerProbe";
import type { StackFrame } from "../../stacks/stack";
import type { Target } from "../../target/target";
import type { Capability } from "../capability";
import type { Collector, Obstacle, TracePlan } from "./collector";
import { RunningTrace, type RunningTraceOptions } from "./runningTrace";
import type { TraceKindOf } from "./traceKind";
import type { TraceEvent } from "./traceModel";
import type { TraceRequest, TraceTool } from "./traceRequest";

export interface StartTraceOptions<E extends TraceEvent> {
  readonly onEvent: (event: E, times: number, mixed: boolean) => void;
  /** Asked before a plan that changes the host is started. Without it such a plan is not. */
  readonly consent?: (question: { readonly title: string; readonly detail: string }) => Promise<boolean>;
  readonly symbolize?: (frame: StackFrame) => StackFrame;
  /** Of an earlier `readTracerFacts`; else they are read. */
  readonly tracerFacts?: TracerFacts;
}

/** What the host has for such a trace. One round trip; valid until the next boot or module load. */
export const readTracerFacts = <R extends TraceRequest, E extends TraceEvent>(target: Target, kind: TraceKindOf<R, E>, request: R, signal?: AbortSignal): Promise<TracerFacts> =>
  runProbe(target, tracerProbe(kind.question(request)), signal);

/**
 * Starts the best collector that can run, or the one asked for. The result is there once its command runs; `ready` tells when it is attached, and
 * rejects with what stood in the way.
 *
 * @throws DomainError with the obstacle of the best collector, or of the one asked for, and those of `Target`
 */
export async function startTrace<R extends TraceRequest, E extends TraceEvent>(
  target: Target,
  facts: HostFacts,
  kind: TraceKindOf<R, E>,
  request: R,
  options: StartTraceOptions<E>,
  signal?: AbortSignal,
): Promise<RunningTrace<E>> {
  const tracer = options.tracerFacts ?? (await readTracerFacts(target, kind, request, signal));
  const { collector, passedOver } = chooseCollector(kind, tracer, facts, request, target.name);
  const { symbolize = (frame: StackFrame) => frame } = options;
  const plan = await collector.plan({ target, facts, tracer, symbolize, ...(signal && { signal }) }, request);
  if (plan.asks && !(await options.consent?.(plan.asks))) throw new DomainError("trace/not-agreed", "nothing was changed there, since that was not agreed to", target.name);
  const command = await target.start(plan.command, signal);
  const { onEvent } = options;
  const where = target.name;
  const notes = [...passedOver, ...(plan.notes ?? [])];
  const beside = plan.beside && await startBeside(target, plan.beside, { where, onEvent }, signal).catch((error: unknown) => void notes.push(describeError(error)));
  return new RunningTrace(command, { where, decoder: plan.decoder, onEvent, notes, ...(beside && { beside }), ...(request.durationMs === undefined ? {} : { durationMs: request.durationMs }) }, signal);
}

async function startBeside<E extends TraceEvent>(target: Target, { command, decoder }: NonNullable<TracePlan<E>["beside"]>, options: Omit<RunningTraceOptions<E>, "decoder">, signal?: AbortSignal): Promise<RunningTrace<E>> {
  return new RunningTrace(await target.start(command, signal), { ...options, decoder }, signal);
}

interface Choice<R extends TraceRequest, E extends TraceEvent> {
  readonly collector: Collector<R, E>;
  /** Why better ones were not taken. */
  readonly passedOver: readonly string[];
}

function chooseCollector<R extends TraceRequest, E extends TraceEvent>(kind: TraceKindOf<R, E>, tracer: TracerFacts, facts: HostFacts, request: R, where: string): Choice<R, E> {
  const wanted = request.tool;
  const candidates = wanted === undefined ? kind.collectors : kind.collectors.filter(({ tool }) => tool === wanted);
  if (candidates.length === 0) throw new DomainError("trace/no-such-tool", `${request.kind} cannot be traced by ${wanted ?? "any tool"}; there are ${toolNames(kind).join(", ")}`, where);
  const obstacles: Obstacle[] = [];
  for (const collector of candidates) {
    const obstacle = collector.obstacle(tracer, facts, request);
    if (!obstacle) return { collector, passedOver: obstacles.map(({ sentence }) => `${sentence} Collected by ${collector.tool} instead.`) };
    obstacles.push(obstacle);
  }
  const [first] = obstacles;
  throw new DomainError(first?.code ?? "trace/no-such-tool", obstacles.map(({ sentence }) => sentence).filter((text, index, all) => all.indexOf(text) === index).join(" "), where);
}

/** In the order in which they are tried. */
export const toolNames = <R extends TraceRequest, E extends TraceEvent>({ collectors }: TraceKindOf<R, E>): readonly TraceTool[] => collectors.map(({ tool }) => tool);

/**
 * Whether such a trace can run here, by which tools, and with the reason and remedy where not. Only a lost link rejects.
 *
 * @param tracer what the host has for it, when it was asked for with other questions
 */
export async function canTrace<R extends TraceRequest, E extends TraceEvent>(
  about: Pick<Capability, "id" | "title">,
  target: Target,
  facts: HostFacts,
  kind: TraceKindOf<R, E>,
  request: R,
  signal?: AbortSignal,
  tracer = readTracerFacts(target, kind, request, signal),
): Promise<Capability> {
  try {
    return tracingCapability(about, await tracer, facts, kind, request);
  } catch (error) {
    const code = errorCode(error);
    if (code !== "target/no-sudo" && code !== "target/wrong-password") throw error;
    return { ...about, ok: false, reason: `Tracing needs root: ${(error as Error).message}.` };
  }
}

/** The judgement of `canTrace` on facts that are at hand. */
export function tracingCapability<R extends TraceRequest, E extends TraceEvent>(
  about: Pick<Capability, "id" | "title">,
  tracer: TracerFacts,
  facts: HostFacts,
  kind: TraceKindOf<R, E>,
  request: R,
): Capability {
  const judged = kind.collectors.map((collector) => ({ tool: collector.tool, obstacle: collector.obstacle(tracer, facts, request) }));
  const able = judged.filter(({ obstacle }) => !obstacle).map(({ tool }) => tool);
  const obstacles = judged.flatMap(({ obstacle }) => obstacle ?? []);
  const sentences = [...new Set(obstacles.map(({ sentence }) => sentence))];
  const remedy = obstacles.find((obstacle) => obstacle.remedy)?.remedy;
  if (able.length === 0) return { ...about, ok: false, reason: sentences.join(" "), ...(remedy && { remedy }) };
  return { ...about, ok: true, reason: [`By ${able.join(", ")}.`, ...sentences].join(" "), ...(remedy && { remedy }) };
}
