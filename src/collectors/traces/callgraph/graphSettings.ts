/**
 * What a call graph sets in tracefs and gives back, as lines of a shell: `put PLACE FILE VALUE` for a file with one value, `fill PLACE FILE VALUE…` for a list. PLACE is
 * `own` for what an instance has, `all` for what exists once. Options exist in both, but in older kernels they are one and the same: they are given back as well.
 * What the host had comes from its facts and lies in the command's undo, so that no file of ours on the target has to keep it.
 */
import { globalSettings, isCut, sharedSettings, type GraphFacts } from "../../../probes/graphFacts";
import { shellLine } from "../../../target/command";
import { defaultDepth, type GraphLimits } from "./graphModel";

const lists: readonly string[] = ["set_graph_function", "set_graph_notrace", "set_ftrace_filter", "set_ftrace_notrace", "set_ftrace_pid"];

/** How we want its lines written; those that a kernel does not have are left. */
const options: Readonly<Record<string, string>> = {
  "funcgraph-abstime": "0", "funcgraph-args": "1", "funcgraph-cpu": "1", "funcgraph-duration": "1", "funcgraph-irqs": "1", "funcgraph-overhead": "1", "funcgraph-overrun": "0",
  "funcgraph-proc": "1", "funcgraph-retaddr": "0", "funcgraph-retval": "1", "funcgraph-retval-hex": "0", "funcgraph-retval-trim": "0", "funcgraph-tail": "1",
};

export interface GraphSettings {
  /** Lines of shell that make it ours, in the folder of tracefs; the tracer itself and tracing_on come after. */
  readonly apply: string;
  /** Lines that put back what was there. */
  readonly restore: string;
  /** The same for a person, but for options: `max_graph_depth = 3`. */
  readonly given: readonly string[];
}

export function graphSettings(facts: GraphFacts, name: string, pid: number | undefined, limits: GraphLimits): GraphSettings {
  const { depth = defaultDepth, without = [], cpu } = limits;
  const own: Readonly<Record<string, readonly string[]>> = {
    set_graph_function: [name], set_graph_notrace: without, max_graph_depth: [String(depth)], tracing_thresh: ["0"], set_ftrace_filter: [], set_ftrace_notrace: [],
    set_ftrace_pid: pid === undefined ? [] : [String(pid)], ...(cpu === undefined ? {} : { tracing_cpumask: [cpuMask(cpu)] }),
    ...Object.fromEntries(Object.entries(options).map(([option, value]) => [`options/${option}`, [value]])),
  };
  // In an instance these are its own: they go with it.
  const perInstance = new Set<string>(facts.inInstance ? globalSettings : []);
  const known = [...facts.settings.keys()].filter((file) => file in own);
  const isOwn = (file: string): boolean => perInstance.has(file) || file.startsWith("options/");
  const restored = [...known.filter((file) => !perInstance.has(file)), ...(facts.inInstance ? [] : ["current_tracer", "tracing_on"])];
  return {
    apply: known.filter((file) => !perInstance.has(file) || own[file]?.length !== 0).map((file) => settingLine(isOwn(file) ? "own" : "all", file, own[file] ?? [])).join("\n"),
    restore: restored.map((file) => settingLine("all", file, facts.settings.get(file) ?? [])).join("\n"),
    given: restored.filter((file) => !file.startsWith("options/")).map((file) => `${file} = ${(facts.settings.get(file) ?? []).join(", ") || "(nothing)"}`),
  };
}

const settingLine = (place: "own" | "all", file: string, values: readonly string[]): string =>
  shellLine(lists.includes(file) ? ["fill", place, file, ...values.map(withoutModule)] : ["put", place, file, values[0] ?? ""]);

/** `f [module]` is read as it is written but for the module; a triggered command (`f:traceoff`) stays by itself. */
const withoutModule = (line: string): string => line.replace(/ \[[\w-]+\]$/, "");

/** Hexadecimal groups of 32 CPUs, as the kernel reads masks. */
export function cpuMask(cpu: number): string {
  const groups = Array.from({ length: Math.floor(cpu / 32) + 1 }, () => "00000000");
  groups[0] = (1n << BigInt(cpu % 32)).toString(16);
  return groups.join(",");
}

/** Who or what stands in the way of using it, in sentences; empty: nobody. */
export function others({ settings, inInstance, instances, events, readers }: GraphFacts): readonly string[] {
  const has = (file: string): readonly string[] => settings.get(file) ?? [];
  const tracer = has("current_tracer")[0] ?? "nop";
  const filled = [...sharedSettings.slice(0, 2), ...(inInstance ? [] : lists.slice(2, 4))].filter((file) => has(file).length > 0);
  return [
    ...(tracer === "function_graph" || (tracer !== "nop" && !inInstance) ? [`The shared tracer is in use: current_tracer is ${tracer}.`] : []),
    ...instances.map((name) => `The instance ${name} traces with function_graph, whose filters are the same for all.`),
    ...(!inInstance && events > 0 && has("tracing_on")[0] !== "0" ? [`${events === 1 ? "An event is" : `${events} events are`} enabled in the shared tracer.`] : []),
    ...(!inInstance ? readers.map((reader) => `${reader} reads the shared trace_pipe.`) : []),
    ...filled.map((file) => `${file} is set (${has(file).slice(0, 3).join(", ")}${has(file).length > 3 ? ", …" : ""}).`),
    ...(has("max_graph_depth").some((value) => value !== "0") ? [`max_graph_depth is ${has("max_graph_depth")[0] ?? ""}.`] : []),
  ];
}

/** A filter so long that it could not be given back. */
export const tooLong = ({ settings }: GraphFacts): string | undefined => [...settings].find(([, values]) => isCut(values))?.[0];
