/**
 * Collects by the kernel's own tracing alone: events with stacks in an instance of ours under tracefs/instances, which nobody else's tracing meets
 * (Documentation/trace/ftrace.rst, “Instances”). It needs no program on the target and is ready at once. Probes are defined for the whole
 * kernel, under a group name that is ours; the undo of the command takes both away, whatever ended it.
 */
import { randomBytes } from "node:crypto";
import { DomainError } from "../../base/errors";
import type { StackFrame } from "../../stacks/stack";
import { shellScript, type Command } from "../../target/command";
import type { Collector, CollectorContext, TraceDecoder, TracePlan, TraceSink } from "./collector";
import { stackOf, textObstacle, type TextEvent, type TextEventSource, type TextTrace } from "./textEvents";
import type { TraceEvent } from "./traceModel";
import type { TraceRequest } from "./traceRequest";

const readyLine = "knetscope ready";

/** In `late` are definitions that a kernel may refuse, one a line; those that it took are added to `events`. */
export const defineLate = `while read -r definition; do
  [ -n "$definition" ] || continue
  event=\${definition#p:} place=\${definition#* }
  if echo "$definition" 2>/dev/null >>"$tracefs/kprobe_events"; then events="$events \${event%% *}"; else echo "$place is not seen if its module is loaded from now on: this kernel sets no probe ahead." >&2; fi
done <<END
$late
END`;

/** Arguments: TRACEFS NAME PID EVENTS LATE, then one definition each. A line into the marker each second ends the wait for what may follow an event. */
const startScript = `tracefs=$1 name=$2 pid=$3 events=$4 late=$5
shift 5
folder=$tracefs/instances/$name
mkdir "$folder" || exit 1
for option in stacktrace sym-offset sym-addr; do echo 1 >"$folder/options/$option"; done
for definition in "$@"; do echo "$definition" >>"$tracefs/kprobe_events" || exit 1; done
${defineLate}
[ -z "$pid" ] || echo "$pid" >"$folder/set_event_pid"
for event in $events; do echo 1 >"$folder/events/$event/enable" || exit 1; done
echo "${readyLine}"
while sleep 1; do echo tick >"$folder/trace_marker"; done &
exec cat "$folder/trace_pipe"`;

/** A probe that is enabled cannot be removed, and an instance that is read cannot either. */
const undoScript = `tracefs=$1 name=$2 events=$3
shift 3
folder=$tracefs/instances/$name
for event in $events; do echo 0 >"$folder/events/$event/enable"; done
for i in 1 2 3 4 5 6; do rmdir "$folder" && break; sleep 0.5; done
for probe in "$@"; do echo "-:$probe" >>"$tracefs/kprobe_events"; done`;

export interface ProbeDefinitions {
  /** Lines of kprobe_events. */
  readonly lines: readonly string[];
  /** The same for functions of modules that are not loaded. */
  readonly late: readonly string[];
  /** `GROUP/EVENT` of each of both. */
  readonly names: readonly string[];
  /** What is enabled: probes and tracepoints that are there. */
  readonly events: readonly string[];
}

export const newToken = (): string => randomBytes(4).toString("hex");

/** @param group of this trace alone, so that two clients of one host do not meet */
export function defineProbes<E>(source: TextEventSource<E>, group: string): ProbeDefinitions {
  const { probes, late = new Map<string, string>(), tracepoints } = source;
  const namesOf = (defined: ReadonlyMap<string, string>): string[] => [...defined.keys()].map((name) => `${group}/${name}`);
  const linesOf = (defined: ReadonlyMap<string, string>): string[] => [...defined].map(([name, definition]) => `p:${group}/${name} ${definition}`);
  return { names: [...namesOf(probes), ...namesOf(late)], lines: linesOf(probes), late: linesOf(late), events: [...namesOf(probes), ...tracepoints] };
}

export function ftraceCommand(tracefs: string, probes: ProbeDefinitions, token: string, pid: number | undefined): Command {
  const name = `knetscope-${token}`;
  return {
    argv: shellScript(startScript, [tracefs, name, pid === undefined ? "" : String(pid), probes.events.join(" "), probes.late.join("\n"), ...probes.lines]),
    privilege: "root",
    undo: [shellScript(undoScript, [tracefs, name, [...new Set([...probes.events, ...probes.names])].join(" "), ...probes.names])],
  };
}

export function ftracePlan<E extends TraceEvent>({ tracer, symbolize }: CollectorContext, events: TextEventSource<E>, { pid }: TraceRequest): Pick<TracePlan<E>, "command" | "decoder"> {
  const token = newToken();
  return { command: ftraceCommand(tracer.tracefs ?? "", defineProbes(events, `knetscope_${token}`), token, pid), decoder: new FtraceDecoder(events, symbolize) };
}

export function ftraceCollector<R extends TraceRequest, E extends TraceEvent>({ source, obstacle }: TextTrace<R, E>): Collector<R, E> {
  return {
    tool: "ftrace",
    obstacle: (tracer, _facts, request) => textObstacle("ftrace", tracer, request) ?? obstacle(tracer, request),
    plan: async (context, request) => {
      const events = await source(context, request);
      return { ...ftracePlan(context, events, request), ...(events.notes && { notes: events.notes }) };
    },
  };
}

/** `comm-pid [cpu] flags time: name: text`; a process name may hold anything, so it is what stands before the last `-PID [`. */
const eventLine = /^\s*(?<comm>.+?)-(?<pid>\d+)\s+(?:\(\s*[\d-]+\)\s+)?\[(?<cpu>\d+)\]\s+\S+\s+[\d.]+: (?<what>.*)$/;

interface Pending {
  readonly comm: string;
  readonly pid: number;
  readonly name: string;
  readonly text: string;
  readonly stack: string[];
}

/** Reads trace_pipe. The stack follows its event on the same CPU, but events of other CPUs may stand between. */
export class FtraceDecoder<E extends TraceEvent> implements TraceDecoder<E> {
  private readonly pending = new Map<string, Pending>();
  private current: Pending | undefined;

  constructor(
    private readonly source: TextEventSource<E>,
    private readonly symbolize: (frame: StackFrame) => StackFrame,
  ) {}

  readonly isNoise = (line: string): boolean => line.trim() === "";

  failure(exit: { readonly code?: number }, words: readonly string[], where: string): DomainError {
    return new DomainError("trace/ftrace-failed", `tracing could not be set up (exit status ${exit.code ?? "unknown"})${words.length === 0 ? "" : `: ${words.slice(-3).join("; ")}`}`, where);
  }

  line(text: string, sink: TraceSink<E>): void {
    if (text === readyLine) sink.ready();
    else if (text.startsWith(" => ")) this.current?.stack.push(text);
    else this.takeEvent(text, sink);
  }

  end(sink: TraceSink<E>): void {
    for (const cpu of [...this.pending.keys()]) this.flush(cpu, sink);
  }

  private takeEvent(text: string, sink: TraceSink<E>): void {
    const lost = /^CPU:\d+ \[LOST (\d+) EVENTS\]/.exec(text);
    if (lost) sink.lost(Number(lost[1]));
    const groups = eventLine.exec(text)?.groups;
    if (!groups) return;
    const { comm = "", pid = "", cpu = "", what = "" } = groups;
    if (what.startsWith("<stack trace>")) {
      this.current = this.pending.get(cpu);
    } else if (what.startsWith("tracing_mark_write:")) {
      this.end(sink);
    } else {
      this.flush(cpu, sink);
      const [name = "", ...rest] = what.split(": ");
      this.pending.set(cpu, { comm: comm.trim(), pid: Number(pid), name, text: rest.join(": "), stack: [] });
    }
  }

  private flush(cpu: string, sink: TraceSink<E>): void {
    const held = this.pending.get(cpu);
    this.pending.delete(cpu);
    if (!held) return;
    if (this.current === held) this.current = undefined;
    const event: TextEvent = { ...held, stack: stackOf(held.stack).map(this.symbolize) };
    const made = this.source.event(event);
    if (made) sink.event(made);
  }
}
