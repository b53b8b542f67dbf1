import { remembered } from "../../base/remembered";
import { bpftraceFailure, isNoise } from "../../bpftrace/bpftraceFailure";
import { parseBpftraceMessage } from "../../bpftrace/bpftraceMessage";
import { allMap, readyMark, restMap, type RecordProbe } from "../../bpftrace/recordProgram";
import { RecordReader, type TraceRecord } from "../../bpftrace/recordReader";
import type { StackFrame } from "../../stacks/stack";
import type { TraceDecoder, TraceSink } from "./collector";
import type { TraceEvent } from "./traceModel";

/**
 * Reads what a record program prints. Events that were only counted in the kernel are handed on in numbers, with the newest record of the same
 * key for what the count does not say; they wait while there is none. At the end the total tells what got lost on the way.
 */
export class BpftraceDecoder<E extends TraceEvent> implements TraceDecoder<E> {
  readonly isNoise = isNoise;
  readonly failure = bpftraceFailure;
  private readonly reader: RecordReader;
  private readonly named: (stack: readonly StackFrame[]) => readonly StackFrame[];
  private readonly samples = new Map<string, TraceRecord>();
  private readonly handedOn = new Map<string, number>();
  private counts: readonly (readonly [id: string, count: number])[] = [];
  private total = 0;
  private received = 0;
  private reportedLost = 0;

  /** @param toEvent undefined: not an event of this trace */
  constructor(
    probes: readonly RecordProbe[],
    private readonly toEvent: (record: TraceRecord) => E | undefined,
    symbolize: (frame: StackFrame) => StackFrame,
  ) {
    this.reader = new RecordReader(probes);
    this.named = remembered((stack) => stack.map(symbolize));
  }

  line(text: string, sink: TraceSink<E>): void {
    const message = parseBpftraceMessage(text);
    switch (message?.type) {
      case "text":
        if (message.text.startsWith(readyMark)) sink.ready();
        else this.takeRecord(message.text, sink);
        break;
      case "map":
        if (message.name === restMap) this.takeCounts(message.entries, sink);
        if (message.name === allMap) this.total = message.entries.reduce((sum, [, count]) => sum + count, 0);
        break;
      case "lost":
        this.reportedLost += message.events;
        sink.lost(message.events);
        break;
      case "problem":
        sink.say(message.text);
        break;
      case undefined:
      case "attached":
      case "other":
        break;
    }
  }

  end(sink: TraceSink<E>): void {
    this.takeCounts(this.counts, sink);
    const counted = [...this.handedOn.values()].reduce((sum, count) => sum + count, 0);
    const waiting = this.counts.reduce((sum, [, count]) => sum + count, 0) - counted;
    if (waiting > 0) sink.say(`${waiting} events are counted but not shown: none of their kind was printed in full.`);
    const missing = this.total - this.received - counted - waiting - this.reportedLost;
    if (missing > 0) sink.lost(missing);
  }

  private takeRecord(text: string, sink: TraceSink<E>): void {
    const record = this.reader.record(text);
    if (!record) {
      sink.say(`not understood: ${text.slice(0, 200)}`);
      return;
    }
    this.received++;
    const own = { ...record, stack: this.named(record.stack) };
    if (this.samples.size < 10_000 || this.samples.has(record.key)) this.samples.set(record.key, own);
    const event = this.toEvent(own);
    if (event) sink.event(event);
  }

  /** The map counts from the beginning of the trace. */
  private takeCounts(entries: readonly (readonly [string, number])[], sink: TraceSink<E>): void {
    this.counts = entries;
    for (const [id, count] of entries) {
      const more = count - (this.handedOn.get(id) ?? 0);
      const counted = more > 0 ? this.reader.counted(id, count) : undefined;
      const sample = counted && this.samples.get(counted.key);
      if (!sample) continue;
      this.handedOn.set(id, count);
      const event = this.toEvent({ ...sample, stack: this.named(counted.stack) });
      if (event) sink.event(event, more, true);
    }
  }
}
