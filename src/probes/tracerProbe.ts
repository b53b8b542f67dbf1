import { randomBytes } from "node:crypto";
import { DomainError } from "../base/errors";
import { shellScript, type CommandResult } from "../target/command";
import { conntrackScript, parseConntrackFacts, type ConntrackFacts } from "./conntrackFacts";
import { graphScript, parseGraphFacts, type GraphFacts } from "./graphFacts";
import type { Probe } from "./probe";

/** What a trace wants to know of a host before it starts. */
export interface TracerQuestion {
  /** Looked for among the kernel's symbols. */
  readonly functions: readonly string[];
  /** A part of names: at most a few hundred functions that have it are told as well, to name what was meant. */
  readonly alike?: string;
  /** Looked for in the kernel's BTF: names of types that newer kernels have. */
  readonly words?: readonly string[];
  /** Tracepoints as `system:event`, whose formats are read. */
  readonly events?: readonly string[];
  /** Whether connection tracking is looked at. */
  readonly conntrack?: boolean;
  /** In this network namespace (inode); default: the host's own. */
  readonly netns?: number;
  /** Whether the tracer of call graphs is looked at, and who uses it. */
  readonly graph?: boolean;
}

/** Several questions as one: what is found for one of them is told apart by name. At most one of them may name a namespace. */
export function mergeQuestions(questions: readonly TracerQuestion[]): TracerQuestion {
  const union = (pick: (question: TracerQuestion) => readonly string[] | undefined): readonly string[] => [...new Set(questions.flatMap((question) => pick(question) ?? []))];
  return {
    ...Object.assign({}, ...questions) as TracerQuestion,
    functions: union(({ functions }) => functions), words: union(({ words }) => words), events: union(({ events }) => events),
    conntrack: questions.some(({ conntrack }) => conntrack), graph: questions.some(({ graph }) => graph),
  };
}

/** What tracing needs to know of a host. */
export interface TracerFacts {
  /** What `bpftrace --version` prints; undefined where there is no such program. */
  readonly bpftrace?: string;
  /** What `perf --version` prints; undefined where there is none that works. */
  readonly perf?: string;
  readonly hasBtf: boolean;
  readonly hasKprobes: boolean;
  /** Where tracefs is mounted. */
  readonly tracefs?: string;
  /** Tracers that this kernel has: `function_graph`, … */
  readonly tracers: readonly string[];
  /** `none`, `integrity` or `confidentiality`; undefined for a kernel without lockdown. */
  readonly lockdown?: string;
  /** Those of the functions asked for that this kernel has, with the module they are in. */
  readonly functions: readonly FoundFunction[];
  /** Those of the words asked for that the kernel's BTF holds. */
  readonly words: readonly string[];
  /** Tracepoint → its format file, for those asked for that this kernel has. */
  readonly formats: ReadonlyMap<string, string>;
  /** When it was asked for. */
  readonly conntrack?: ConntrackFacts;
  /** When it was asked for. */
  readonly graph?: GraphFacts;
}

export interface FoundFunction {
  readonly name: string;
  readonly module?: string;
  /** ftrace can probe it: it is in available_filter_functions. undefined where that list cannot be read. */
  readonly isTraceable?: boolean;
}

/** One script, one round trip; `@name` begins a section. Reading a word from 5 MB of BTF is cheaper than asking bpftrace about types. */
const script = `words=$1 symbols=$2 traceable=$3 events=$4 alike=$5 conntrack=$6 probe=$7 netns=$8
tracefs=
for folder in /sys/kernel/tracing /sys/kernel/debug/tracing; do [ -e "$folder/trace" ] && { tracefs=$folder; break; }; done
echo @bpftrace; if command -v bpftrace >/dev/null 2>&1; then bpftrace --version 2>/dev/null; else echo missing; fi
echo @perf; command -v perf >/dev/null 2>&1 && perf --version 2>/dev/null
echo @btf; [ -r /sys/kernel/btf/vmlinux ] && echo yes
echo @words; for word in $words; do grep -q -a "$word" /sys/kernel/btf/vmlinux 2>/dev/null && echo "$word"; done
echo @kprobes; for file in /sys/bus/event_source/devices/kprobe/type $tracefs/kprobe_events; do [ -e "$file" ] && echo yes; done
echo @tracefs; echo "$tracefs"
echo @tracers; cat "$tracefs/available_tracers" 2>/dev/null
echo @lockdown; cat /sys/kernel/security/lockdown 2>/dev/null
echo @functions; grep -E "$symbols" /proc/kallsyms
[ -z "$alike" ] || grep -iE " [tTwW] [^ ]*$alike" /proc/kallsyms | head -n 300
echo @traceable; grep -E "$traceable" "$tracefs/available_filter_functions" 2>/dev/null || { [ -r "$tracefs/available_filter_functions" ] && echo nothing || echo none; }
[ -z "$alike" ] || grep -iE "^[^ ]*$alike" "$tracefs/available_filter_functions" 2>/dev/null | head -n 300
for event in $events; do
  file="$tracefs/events/$(echo "$event" | tr : /)/format"
  [ -r "$file" ] && { echo "@format $event"; cat "$file"; }
done
[ -z "$probe" ] || { echo @graph; ${graphScript}; }
[ -z "$conntrack" ] || {
  echo @conntrack; echo "allnetns $(cat /proc/sys/net/netfilter/nf_log_all_netns 2>/dev/null)"
  if [ -z "$netns" ]; then sh -c "$conntrack"; else
    file=$(stat -L -c '%i %n' /run/netns/* /proc/[0-9]*/ns/net 2>/dev/null | awk -v inode="$netns" '$1 == inode { print $2; exit }')
    [ -z "$file" ] || nsenter --net="$file" sh -c "$conntrack"
  fi
}
echo @end`;

const removeInstance = 'for folder in /sys/kernel/tracing /sys/kernel/debug/tracing; do rmdir "$folder/instances/$1" && break; done';

/** @throws DomainError `probe/bad-answer` when the script did not come to its end */
export function tracerProbe({ functions, words = [], events = [], alike, conntrack = false, graph = false, netns }: TracerQuestion): Probe<TracerFacts> {
  const names = functions.length === 0 ? "=none=" : functions.map((name) => name.replace(/[.$]/g, "[$&]")).join("|");
  const args = [words.join(" "), ` [tTwW] (${names})([[:space:]]|$)`, `^(${names})([[:space:]]|$)`, events.join(" "), alike === undefined ? "" : partOf(alike), conntrack ? conntrackScript : ""];
  const instance = graph ? `knetscope-look-${randomBytes(4).toString("hex")}` : "";
  const undo = graph ? { undo: [shellScript(removeInstance, [instance])] } : {};
  return { command: { argv: shellScript(script, [...args, instance, netns === undefined ? "" : String(netns)]), privilege: "root", timeoutMs: graph ? 180_000 : 60_000, ...undo }, parse: parseTracerFacts };
}

/** What most likely is right in a name that is wrong: its longest part between underscores with those before it. */
const partOf = (name: string): string => name.replace(/[^\w.]/g, "").replace(/^_+|_[^_]*$/g, "").replace(/[.]/g, "[.]");

function parseTracerFacts(result: CommandResult): TracerFacts {
  const sections = splitSections(new TextDecoder().decode(result.stdout));
  if (!sections.has("end")) {
    throw new DomainError("probe/bad-answer", `the host did not tell what it can trace: ${result.stderr.trim() || `exit status ${result.code ?? "unknown"}`}`);
  }
  const lines = (name: string): readonly string[] => sections.get(name) ?? [];
  const version = lines("bpftrace").join(" ");
  const perf = lines("perf").find((line) => line.startsWith("perf version"));
  const tracefs = lines("tracefs")[0];
  const lockdown = /\[(\w+)\]/.exec(lines("lockdown").join(" "))?.[1];
  return {
    ...(version === "missing" ? {} : { bpftrace: version }),
    ...(perf === undefined ? {} : { perf }),
    ...(tracefs === undefined ? {} : { tracefs }),
    hasBtf: lines("btf").length > 0,
    hasKprobes: lines("kprobes").length > 0,
    tracers: lines("tracers").join(" ").split(/\s+/).filter((name) => name !== ""),
    ...(lockdown === undefined ? {} : { lockdown }),
    functions: foundFunctions(lines("functions"), lines("traceable")),
    words: lines("words"),
    ...(sections.has("conntrack") ? { conntrack: parseConntrackFacts(lines("conntrack")) } : {}),
    ...(sections.has("graph") ? { graph: parseGraphFacts(lines("graph")) } : {}),
    formats: new Map([...sections].flatMap(([name, text]) => (name.startsWith("format ") ? [[name.slice("format ".length), text.join("\n")] as const] : []))),
  };
}

function splitSections(text: string): ReadonlyMap<string, readonly string[]> {
  const sections = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("@")) sections.set(line.slice(1), (current = []));
    else if (line.trim() !== "") current.push(line);
  }
  return sections;
}

/** A line of kallsyms: `address type name`, and `\t[module]` for those of modules. One of available_filter_functions: `name`, and ` [module]`. */
function foundFunctions(kallsyms: readonly string[], traceable: readonly string[]): readonly FoundFunction[] {
  const known = traceable[0] === "none" || traceable.length === 0 ? undefined : new Set(traceable.map((line) => line.split(/\s/)[0]));
  const found = new Map<string, FoundFunction>();
  for (const line of kallsyms) {
    const match = /^\S+ \S (\S+)(?:\s+\[(\S+)\])?$/.exec(line);
    const name = match?.[1];
    if (name === undefined || found.has(name)) continue;
    found.set(name, { name, ...(match?.[2] === undefined ? {} : { module: match[2] }), ...(known ? { isTraceable: known.has(name) } : {}) });
  }
  return [...found.values()];
}
