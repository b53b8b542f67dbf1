import type { TracerFacts } from "../../probes/tracerProbe";
import { parseStacks } from "../../stacks/parseStacks";
import type { StackFrame } from "../../stacks/stack";
import type { CollectorContext, Obstacle } from "./collector";
import type { TraceOptions } from "./traceRequest";

/** One event as the kernel's own tracing writes it, by ftrace or perf. */
export interface TextEvent {
  /** Without its system: `kfree_skb`. */
  readonly name: string;
  /** What the event's format prints: `skbaddr=… protocol=2048 location=… reason: NO_SOCKET`. */
  readonly text: string;
  readonly comm: string;
  readonly pid: number;
  readonly stack: readonly StackFrame[];
}

/** Which events to collect, and what they mean. */
export interface TextEventSource<E> {
  /** Probes to make: `FUNCTION NAME=FETCH…`, by the name of their event. Kernel: Documentation/trace/kprobetrace.rst. */
  readonly probes: ReadonlyMap<string, string>;
  /**
   * `MODULE:FUNCTION` of modules that are not loaded, by the name of their event. The kernel keeps such a probe and sets it when the module comes; until then it knows
   * no arguments of the function (trace_kprobe_module_callback, kernel/trace/trace_kprobe.c).
   */
  readonly late?: ReadonlyMap<string, string>;
  /** Tracepoints that are there: `skb/kfree_skb`. */
  readonly tracepoints: readonly string[];
  /** undefined: nothing of this trace. */
  readonly event: (event: TextEvent) => E | undefined;
  readonly notes?: readonly string[];
}

/** What a kind of trace asks of ftrace and perf alike: its events on this host, and why it cannot have them. */
export interface TextTrace<R, E> {
  readonly source: (context: CollectorContext, request: R) => Promise<TextEventSource<E>>;
  readonly obstacle: (tracer: TracerFacts, request: R) => Obstacle | undefined;
}

export const stackOf = (lines: readonly string[]): readonly StackFrame[] => parseStacks(lines.join("\n")).stacks[0]?.frames ?? [];

/** `sk=0xffff… family=2` as a map; numbers as the kernel prints them. */
export const fieldsOfText = (text: string): ReadonlyMap<string, string> => new Map([...text.matchAll(/(\w+)=(\S+)/g)].map(([, name = "", value = ""]) => [name, value]));

/** What neither ftrace nor perf can do here. */
export function textObstacle(tool: string, { tracefs, lockdown }: TracerFacts, { port, netns, cgroup }: TraceOptions): Obstacle | undefined {
  if (tracefs === undefined) return { code: "bpftrace/no-kprobes", sentence: "tracefs is not mounted there (mount -t tracefs tracefs /sys/kernel/tracing), or this kernel has none." };
  if (lockdown === "confidentiality") return { code: "bpftrace/lockdown", sentence: "The kernel is locked down (confidentiality), which forbids tracing." };
  if (port !== undefined || netns !== undefined || cgroup !== undefined) return { code: "trace/no-filter", sentence: `${tool} cannot filter by port, network namespace or cgroup.` };
  return undefined;
}
