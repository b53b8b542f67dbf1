/**
 * Collects by `perf record` piped into `perf script` on the target: the same events as ftrace, through perf's own buffers, and no file anywhere. Probes are defined
 * as for ftrace, and taken away by the undo.
 *
 * perf script holds an event back until later ones have come, and perf says nothing when it has attached. So a clock ticks among the events, once a second on
 * each CPU: its first tick says that all is attached, and each one pushes out what came before.
 */
import { DomainError } from "../../base/errors";
import type { StackFrame } from "../../stacks/stack";
import type { ExitStatus } from "../../target/command";
import { shellScript, type Command } from "../../target/command";
import type { Collector, TraceDecoder, TraceSink } from "./collector";
import { defineLate, defineProbes, newToken, type ProbeDefinitions } from "./ftraceCollector";
import { installRemedy } from "./installRemedy";
import { stackOf, textObstacle, type TextEventSource, type TextTrace } from "./textEvents";
import type { TraceEvent } from "./traceModel";
import type { TraceRequest } from "./traceRequest";

const clock = "cpu-clock";

/** Kilobytes. */
const leastRoom = 1024;

/**
 * Arguments: TRACEFS PID EVENTS LATE, then one definition each. Where /tmp is full, perf ends without a word. The signal that ends us goes to all of the process group; perf
 * script must not heed it, or what perf record wrote last would be lost: it has a session of its own, and ends with the pipe; not by SIGPIPE when nobody reads any more, or its copy of the vdso would stay in /tmp. Into a pipe it would write by blocks.
 */
const startScript = `tracefs=$1 pid=$2 events=$3 late=$4
shift 4
df -Pk /tmp | { read -r head && read -r device size used room rest; [ "\${room:-${leastRoom}}" -ge ${leastRoom} ]; } || { echo "/tmp is full, and perf puts the formats of its events there first" >&2; exit 1; }
for definition in "$@"; do echo "$definition" >>"$tracefs/kprobe_events" || exit 1; done
${defineLate}
set -- -q -a -g --no-buffering -o -
perf record -h 2>&1 | grep -q kernel-callchains && set -- "$@" --kernel-callchains
for event in $events; do
  set -- "$@" -e "\${event%%/*}:\${event#*/}"
  [ -z "$pid" ] || set -- "$@" --filter "common_pid == $pid"
done
trap : INT
lines=
command -v stdbuf >/dev/null && lines="stdbuf -oL"
perf record "$@" -e ${clock}/period=1000000000/ | { trap '' PIPE; exec setsid $lines perf script -i - --show-lost-events -F comm,pid,tid,cpu,time,event,trace,ip,sym,symoff,dso; }`;

/** A probe stays busy until the last event that uses it is gone. */
const undoScript = 'tracefs=$1; shift; for i in 1 2 3 4 5 6; do left=; for probe in "$@"; do echo "-:$probe" >>"$tracefs/kprobe_events" || left=1; done; [ -n "$left" ] || break; sleep 0.5; done';

export function perfCommand(tracefs: string, { events, lines, late, names }: ProbeDefinitions, pid: number | undefined): Command {
  return {
    argv: shellScript(startScript, [tracefs, pid === undefined ? "" : String(pid), events.join(" "), late.join("\n"), ...lines]),
    privilege: "root",
    stopSignal: "INT",
    ...(names.length === 0 ? {} : { undo: [shellScript(undoScript, [tracefs, ...names])] }),
  };
}

export function perfCollector<R extends TraceRequest, E extends TraceEvent>({ source, obstacle }: TextTrace<R, E>): Collector<R, E> {
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
      return {
        command: perfCommand(context.tracer.tracefs ?? "", defineProbes(events, `knetscope_${newToken()}`), request.pid),
        decoder: new PerfDecoder(events, context.symbolize),
        notes: ["perf hands events over a second or two late.", ...(events.notes ?? [])],
      };
    },
  };
}

/** `comm pid/tid [cpu] time: system:name: text`, then the frames, then an empty line. */
const eventLine = /^\s*(?<comm>\S.*?)\s+(?<pid>\d+)(?:\/\d+)?\s+\[\d+\]\s+[\d.]+:\s+(?<name>[\w-]+(?::\w+)?)(?:\/[^/]*\/)?:\s*(?<text>.*)$/;
const lostLine = /PERF_RECORD_LOST(?:_SAMPLES)?\s+lost (?:samples )?(\d+)/;

interface Pending {
  readonly name: string;
  readonly text: string;
  readonly comm: string;
  readonly pid: number;
  readonly lines: string[];
}

export class PerfDecoder<E extends TraceEvent> implements TraceDecoder<E> {
  private pending: Pending | undefined;
  private isReady = false;

  constructor(
    private readonly source: TextEventSource<E>,
    private readonly symbolize: (frame: StackFrame) => StackFrame,
  ) {}

  readonly isNoise = (line: string): boolean => /^\s*$|'trace' not valid|^\[ perf record:|kptr_restrict/.test(line);

  failure(exit: ExitStatus, words: readonly string[], where: string): DomainError {
    return new DomainError("trace/perf-failed", `perf failed (exit status ${exit.code ?? "unknown"})${words.length === 0 ? "" : `: ${words.slice(-3).join("; ")}`}`, where);
  }

  line(text: string, sink: TraceSink<E>): void {
    const lost = lostLine.exec(text)?.[1];
    if (lost !== undefined) sink.lost(Number(lost));
    const groups = lost === undefined ? eventLine.exec(text)?.groups : undefined;
    if (groups) this.takeEvent(groups, text, sink);
    else if (text.trim() === "") this.end(sink);
    else this.pending?.lines.push(text);
  }

  end(sink: TraceSink<E>): void {
    const held = this.pending;
    this.pending = undefined;
    if (!held) return;
    const made = this.source.event({ ...held, stack: stackOf(held.lines).filter(isOfKernel).map(this.symbolize) });
    if (made) sink.event(made);
  }

  private takeEvent({ comm = "", pid = "", name = "", text = "" }: Readonly<Record<string, string>>, line: string, sink: TraceSink<E>): void {
    this.end(sink);
    if (!this.isReady) sink.ready();
    this.isReady = true;
    if (name !== clock) this.pending = { comm, pid: Number(pid), name: name.replace(/^.*:/, ""), text, lines: [line] };
  }
}

/** An old perf goes on into the process. */
const isOfKernel = ({ address }: StackFrame): boolean => address === undefined || address >= 1n << 63n || address < 1n << 32n;
