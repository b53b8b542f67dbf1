/**
 * What drawing call graphs has to know of a host. The tracer function_graph has settings that exist once in a kernel (set_graph_function, set_graph_notrace,
 * max_graph_depth), also where it can run in an instance of its own, which came with 6.11 or so; so we must know whether anybody else traces
 * (Documentation/trace/ftrace.rst).
 */
export interface GraphFacts {
  /** It runs in an instance; else only in the one tracer that all share. */
  readonly inInstance: boolean;
  /** kernel.ftrace_enabled. */
  readonly isEnabled: boolean;
  /** File below tracefs → what it holds, line by line, without what only says that it is empty. Only what was read. */
  readonly settings: ReadonlyMap<string, readonly string[]>;
  /** Instances whose tracer is function_graph. */
  readonly instances: readonly string[];
  /** Instances by which other clients of ours say that they draw call graphs. */
  readonly drawing: readonly string[];
  /** Events enabled in the shared tracer. */
  readonly events: number;
  /** Processes that read the shared trace_pipe: `name[pid]`. */
  readonly readers: readonly string[];
}

/** Settings that we change and give back. Options are added to them as this kernel has them. */
export const sharedSettings = ["set_graph_function", "set_graph_notrace", "max_graph_depth", "tracing_thresh"] as const;
export const globalSettings = ["current_tracer", "tracing_on", "set_ftrace_filter", "set_ftrace_notrace", "set_ftrace_pid", "tracing_cpumask"] as const;

/** How our instances are called. */
export const graphInstancePrefix = "knetscope-graph-";

/** A filter of more lines than this cannot be given back; it is said to be too long. */
const mostLines = 1000;

/**
 * Lines `setting FILE VALUE`, `instance NAME`, … Whether an instance takes the tracer is told by one that we make and take away; `$probe` names it, and the
 * undo of the command takes it away too.
 */
export const graphScript = `(
cd "$tracefs" || exit
mkdir "instances/$probe" && { sed 's/^/tracers /' "instances/$probe/available_tracers"; rmdir "instances/$probe"; }
echo "enabled $(cat /proc/sys/kernel/ftrace_enabled)"
for file in ${[...sharedSettings, ...globalSettings].join(" ")} options/funcgraph-*; do
  [ -r "$file" ] && { echo "setting $file"; grep -v -e '^#' -e '^no pid' "$file" | head -n ${mostLines + 1} | sed "s|^|value $file |"; }
done
for folder in instances/${graphInstancePrefix}*; do [ -d "$folder" ] && echo "drawing $(basename "$folder")"; done
for folder in instances/*; do
  [ "$(cat "$folder/current_tracer")" = function_graph ] && echo "instance $(basename "$folder")"
done
echo "events $(wc -l <set_event)"
ls -l /proc/[0-9]*/fd | awk '/^\\/proc/ { split($0, part, "/"); pid = part[3] } /tracing\\/trace_pipe$/ { print pid }' | sort -u | while read -r pid; do echo "reader $(cat /proc/$pid/comm)[$pid]"; done
) 2>/dev/null`;

export function parseGraphFacts(lines: readonly string[]): GraphFacts {
  const settings = new Map<string, string[]>();
  const after = (word: string): readonly string[] => lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
  for (const file of after("setting")) settings.set(file, []);
  for (const line of after("value")) {
    const [file = "", ...value] = line.split(" ");
    settings.get(file)?.push(value.join(" "));
  }
  return {
    inInstance: after("tracers").join(" ").split(" ").includes("function_graph"),
    isEnabled: after("enabled")[0] !== "0",
    settings,
    instances: after("instance"),
    drawing: after("drawing"),
    events: Number(after("events")[0] ?? 0),
    readers: after("reader"),
  };
}

/** A list that was cut cannot be given back. */
export const isCut = (values: readonly string[]): boolean => values.length > mostLines;
