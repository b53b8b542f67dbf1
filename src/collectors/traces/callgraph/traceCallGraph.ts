import { mergeTotals, callName } from "../../../stacks/callgraph/callTotals";
import type { GraphFacts } from "../../../probes/graphFacts";
import type { TracerFacts } from "../../../probes/tracerProbe";
import { lockdownObstacle } from "../bpftraceObstacle";
import type { Collector, CollectorContext, Obstacle, TracePlan } from "../collector";
import { newToken } from "../ftraceCollector";
import { textObstacle } from "../textEvents";
import { traceableObstacle } from "../traceFunction";
import type { TraceKindOf } from "../traceKind";
import type { TraceRequest } from "../traceRequest";
import { explainGraph } from "./explainGraph";
import { graphCommand } from "./graphCommand";
import { GraphDecoder } from "./graphDecoder";
import { framesOf } from "./graphFrames";
import type { GraphEvent } from "./graphModel";
import { graphSettings, others, tooLong } from "./graphSettings";

type GraphRequest = Extract<TraceRequest, { kind: "callgraph" }>;

function obstacle(tracer: TracerFacts, request: GraphRequest): Obstacle | undefined {
  const { graph, tracers } = tracer;
  const common = lockdownObstacle(tracer) ?? textObstacle("ftrace", tracer, request);
  if (common) return common;
  if (!tracers.includes("function_graph")) return { code: "trace/no-graph", sentence: "This kernel was built without the tracer function_graph (CONFIG_FUNCTION_GRAPH_TRACER)." };
  if (graph?.isEnabled === false) return { code: "trace/no-graph", sentence: "Function tracing is switched off there (kernel.ftrace_enabled is 0)." };
  const [drawn] = graph?.drawing ?? [];
  if (drawn !== undefined) return { code: "trace/graph-busy", sentence: busyWords(drawn) };
  const long = graph && tooLong(graph);
  if (long !== undefined) return { code: "trace/graph-busy", sentence: `Somebody traces there by a filter too long to be given back (${long}).` };
  return traceableObstacle(tracer, request.name);
}

function plan({ target, tracer }: CollectorContext, request: GraphRequest): TracePlan<GraphEvent> {
  const { graph, tracefs = "" } = tracer;
  const facts: GraphFacts = graph ?? { inInstance: false, isEnabled: true, settings: new Map(), instances: [], drawing: [], events: 0, readers: [] };
  const settings = graphSettings(facts, request.name, request.pid, request);
  const busy = others(facts);
  return {
    command: graphCommand(tracefs, newToken(), facts.inInstance, facts.settings.get("current_tracer")?.[0] ?? "nop", settings),
    decoder: new GraphDecoder(request.name, request),
    ...(busy.length === 0 ? {} : { asks: { title: `Interrupt the tracing of others on ${target.name}?`, detail: askText(busy, facts.inInstance, settings.given) } }),
    notes: [
      facts.inInstance ? "By function_graph in an instance of its own; its filters are the kernel's, and are given back." : "By function_graph in the kernel's shared tracer, since this kernel has it nowhere else; every setting is given back.",
      "While it runs, each call of any function in this kernel takes a little longer.",
      ...(target.kind === "ssh" ? ["What is traced comes here over SSH: functions of TCP are called for that, too (a name of a process, or --slower, leaves it out)."] : []),
    ],
  };
}

const busyWords = (instance: string): string => `Another call graph is being drawn there (${instance}); its filters are the same for all.`;

const askText = (busy: readonly string[], inInstance: boolean, given: readonly string[]): string => [
  ...busy,
  "", inInstance ? "Their tracer goes on, but with our filters until the end." : "Their tracer stops until the end, and what is in its buffer is lost.",
  "Then their settings are put back, whatever ends us, and how lines are written (options/funcgraph-…):", ...given.map((line) => `  ${line}`),
].join("\n");

const byFtrace: Collector<GraphRequest, GraphEvent> = {
  tool: "ftrace",
  obstacle: (tracer, _facts, request) => obstacle(tracer, request),
  plan: (context, request) => Promise.resolve(plan(context, request)),
};

/** Everything that calls of one function call, with durations. */
export const traceCallGraph: TraceKindOf<GraphRequest, GraphEvent> = {
  question: ({ name }) => ({ functions: [name], alike: name, graph: true }),
  collectors: [byFtrace],
  subject: {
    explain: explainGraph,
    /** One way through the function: what it calls itself, loops folded. */
    distinguish: ({ totals }) => totals.children.filter(({ isInterrupt }) => !isInterrupt).map(callName),
    ends: () => ({}),
    frames: ({ totals }) => framesOf(totals),
    limit: 50,
    merge: (known, next) => {
      const totals = mergeTotals(known.totals, next.totals);
      const slowest = (next.slowest.durationNs ?? 0) > (known.slowest.durationNs ?? 0) ? next.slowest : known.slowest;
      return { ...next, totals, slowest, leftOut: known.leftOut + next.leftOut };
    },
  },
};
