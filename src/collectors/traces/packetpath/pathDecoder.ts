import { DomainError } from "../../../base/errors";
import type { ExitStatus } from "../../../target/command";
import type { TraceDecoder, TraceSink } from "../collector";
import type { LoggedPacket } from "../invalidModel";
import { readyLine, tickLine } from "./pathCommand";
import type { PathEvent, PathStep } from "./pathModel";
import type { PathReader } from "./pathReader";

interface Way {
  packet: LoggedPacket | undefined;
  readonly steps: PathStep[];
  /** Ticks since its last line. */
  age: number;
}

/** Packets that are on their way at once; the oldest is handed on as far as it came. */
const mostWays = 2000;

/** Gathers the lines of each packet. It is done when a rule ends it, or when nothing more was said of it for a second or two. */
export class PathDecoder implements TraceDecoder<PathEvent> {
  private readonly ways = new Map<string, Way>();

  constructor(private readonly reader: PathReader) {}

  readonly isNoise = (line: string): boolean => line.trim() === "";

  failure(exit: ExitStatus, words: readonly string[], where: string): DomainError {
    return new DomainError("trace/path-failed", `packets cannot be traced (exit status ${exit.code ?? "unknown"})${words.length === 0 ? "" : `: ${words.slice(-3).join("; ")}`}`, where);
  }

  line(text: string, sink: TraceSink<PathEvent>): void {
    if (text === readyLine) sink.ready();
    else if (text === tickLine) this.tick(sink);
    else this.take(text, sink);
  }

  end(sink: TraceSink<PathEvent>): void {
    this.reader.end?.((words) => sink.say(words));
    for (const id of [...this.ways.keys()]) this.handOn(id, sink);
  }

  private take(text: string, sink: TraceSink<PathEvent>): void {
    const line = this.reader.line(text, (words) => sink.say(words));
    if (!line) return;
    const way: Way = this.ways.get(line.id) ?? { packet: undefined, steps: [], age: 0 };
    way.age = 0;
    way.packet ??= line.packet;
    if (line.step) way.steps.push(line.step);
    this.ways.set(line.id, way);
    const [oldest] = this.ways.keys();
    if (line.step && /^(?:drop|queue|stolen)/.test(line.step.verdict)) this.handOn(line.id, sink);
    else if (this.ways.size > mostWays && oldest !== undefined) this.handOn(oldest, sink);
  }

  private tick(sink: TraceSink<PathEvent>): void {
    for (const [id, way] of [...this.ways]) if (++way.age > 1) this.handOn(id, sink);
  }

  private handOn(id: string, sink: TraceSink<PathEvent>): void {
    const way = this.ways.get(id);
    this.ways.delete(id);
    if (way?.packet) sink.event({ type: "path", packet: way.packet, steps: way.steps, stack: [] });
  }
}
