/**
 * Collects by `perf record` piped into `perf script` on the target: the same events as ftrace, through perf's buffers. For hosts that have perf
 * and no bpftrace, and whose tracefs another tracer keeps busy. Probes are defined as for ftrace, and taken away by the undo.
 */
import { DomainError } from "../../base/errors";
import type { TracerFacts } from "../../probes/tracerProbe";
import type { StackFrame } from "../../stacks/stack";
import { shellScript } from "../../target/command";
import type { Collector, CollectorContext, Obstacle, TraceDecoder, TraceSink } from "./collector";
import { defineProbes, newToken } from "./ftraceCollector";
import { installRemedy } from "./installRemedy";
import { stackOf, textObstacle, type TextEventSource } from "./textEvents";
import type { TraceEvent } from "./traceModel";
import type { TraceRequest } from "./traceRequest";

const readyLine = "knetscope ready";

/** Arguments: TRACEFS PID EVENTS, then one definition each. perf says nothing when it has attached: its first word on the pipe is its header. */
const startScript = `tracefs=$1 pid=$2 events=$3
shift 3
for definition in "$@"; do echo "$definition" >>"$tracefs/kprobe_events" || exit 1; done
set -- -q -g -o - 
for event in $events; do set -- "$@" -e "$event"; done
if [ -z "$pid" ]; then set -- "$@" -a; else set -- "$@" -p "$pid"; fi
echo "${readyLine}"
perf record "$@" | exec perf script -i - -F comm,pid,tid,cpu,time,event,trace,ip,sym,symoff,dso`;

const undoScript = 'tracefs=$1; shift; for i in 1 2 3; do left=; for probe in "$@"; do echo "-:$probe" >>"$tracefs/kprobe_events" || left=1; done; [ -z "$left" ] && break; sleep 1; done';

export function perfCollector<R extends TraceRequest, E extends TraceEvent>(
  source: (context: CollectorContext, request: R) => Promise<TextEventSource<E>>,
  obstacle: (tracer: TracerFacts, request: R) => Obstacle | undefined,
): Collector<R, E> {
  return {
    tool: "perf",
    obstacle: (tracer, facts, request) => {
      if (tracer.perf === undefined) {
        const remedy = installRemedy(facts, facts.os.id === "debian" ? "linux-perf" : "perf", "A package of about 20 MB.");
        return { code: "trace/no-perf", sentence: "perf is not installed on this host.", ...(remedy && { remedy }) };
      }
      return textObstacle("perf", tracer, request) ?? obstacle(tracer, request);
    },
    plan: async (context, request) => {
      const events = await source(context, request);
      const probes = defineProbes(events, `knetscope_${newToken()}`);
      const tracefs = context.tracer.tracefs ?? "";
      return {
        command: {
          argv: shellScript(startScript, [tracefs, request.pid === undefined ? "" : String(request.pid), probes.events.map((name) => name.replace("/", ":")).join(" "), ...probes.lines]),
          privilege: "root",
          stopSignal: "INT",
          undo: [shellScript(undoScript, [tracefs, ...probes.names])],
        },
        decoder: new PerfDecoder(events, context.symbolize),
        notes: ["perf hands events over in blocks: they come some seconds late.", ...(events.notes ?? [])],
      };
    },
  };
}

/** `comm pid/tid [cpu] time: system:name: text`, then the frames, then an empty line. */
const eventLine = /^(?<comm>\S.*?)\s+(?<pid>\d+)(?:\/\d+)?\s+\[\d+\]\s+[\d.]+:\s+(?:[\w-]+:)(?<name>\w+):\s*(?<text>.*)$/;

interface Pending {
  readonly name: string;
  readonly text: string;
  readonly comm: string;
  readonly pid: number;
  readonly lines: string[];
}

export class PerfDecoder<E extends TraceEvent> implements TraceDecoder<E> {
  private pending: Pending | undefined;

  constructor(
    private readonly source: TextEventSource<E>,
    private readonly symbolize: (frame: StackFrame) => StackFrame,
  ) {}

  readonly isNoise = (line: string): boolean => /^\s*$|'trace' not valid|^\[ perf record:/.test(line);

  failure(exit: { readonly code?: number }, words: readonly string[], where: string): DomainError {
    return new DomainError("trace/perf-failed", `perf failed (exit status ${exit.code ?? "unknown"})${words.length === 0 ? "" : `: ${words.slice(-3).join("; ")}`}`, where);
  }

  line(text: string, sink: TraceSink<E>): void {
    if (text === readyLine) {
      sink.ready();
      return;
    }
    const lost = /LOST (\d+) events/.exec(text);
    if (lost) sink.lost(Number(lost[1]));
    const groups = eventLine.exec(text)?.groups;
    if (groups) {
      this.end(sink);
      const { comm = "", pid = "", name = "", text: what = "" } = groups;
      this.pending = { comm, pid: Number(pid), name, text: what, lines: [text] };
    } else if (text.trim() === "") {
      this.end(sink);
    } else {
      this.pending?.lines.push(text);
    }
  }

  end(sink: TraceSink<E>): void {
    const held = this.pending;
    this.pending = undefined;
    if (!held) return;
    const made = this.source.event({ ...held, stack: stackOf(held.lines).map(this.symbolize) });
    if (made) sink.event(made);
  }
}
