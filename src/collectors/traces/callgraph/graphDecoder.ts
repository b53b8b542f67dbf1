import { DomainError } from "../../../base/errors";
import { GraphReader } from "../../../stacks/callgraph/graphReader";
import type { GraphRoot } from "../../../stacks/callgraph/graphCall";
import { totalsOf } from "../../../stacks/callgraph/callTotals";
import type { ExitStatus } from "../../../target/command";
import type { TraceDecoder, TraceSink } from "../collector";
import { readyLine } from "./graphCommand";
import type { GraphEvent, GraphLimits } from "./graphModel";

/** The tracer cuts names to seven characters. */
const nameLength = 7;

/** Reads trace_pipe of function_graph. Calls that began before us, around lost lines, or that have not ended are said in numbers. */
export class GraphDecoder implements TraceDecoder<GraphEvent> {
  private sink: TraceSink<GraphEvent> | undefined;
  private readonly reader: GraphReader;

  constructor(
    private readonly name: string,
    private readonly limits: GraphLimits,
  ) {
    this.reader = new GraphReader({ roots: new Set([name]), onCall: (root) => this.takeCall(root), onLost: (events) => this.sink?.lost(events) });
  }

  readonly isNoise = (line: string): boolean => line.trim() === "";

  failure(exit: ExitStatus, words: readonly string[], where: string): DomainError {
    const busy = words.find((line) => line.startsWith("another call graph"));
    if (busy !== undefined) return new DomainError("trace/graph-busy", busy, where);
    return new DomainError("trace/ftrace-failed", `the call graph could not be set up (exit status ${exit.code ?? "unknown"})${words.length === 0 ? "" : `: ${words.slice(-3).join("; ")}`}`, where);
  }

  line(text: string, sink: TraceSink<GraphEvent>): void {
    this.sink = sink;
    if (text === readyLine) sink.ready();
    else this.reader.line(text);
  }

  end(sink: TraceSink<GraphEvent>): void {
    this.reader.end();
    const incomplete = this.reader.incompleteCalls();
    if (incomplete > 0) sink.say(`${incomplete} ${incomplete === 1 ? "call" : "calls"} of ${this.name} were seen only in part, and are not counted.`);
  }

  private takeCall({ call, task, leftOut }: GraphRoot): void {
    const { comm, slowerThanNs = 0 } = this.limits;
    if (comm !== undefined && task?.comm !== comm.slice(0, nameLength)) return;
    if ((call.durationNs ?? 0) < slowerThanNs) return;
    const totals = totalsOf(call);
    const process = task && { pid: task.pid, name: task.comm, isOwner: false };
    this.sink?.event({ type: "callgraph", name: this.name, totals, slowest: call, leftOut, ...(process && { process }), stack: [] });
  }
}
