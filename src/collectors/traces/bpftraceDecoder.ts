import { bpftraceFailure, isNoise } from "../../bpftrace/bpftraceFailure";
import { parseBpftraceMessage, type BpftraceMessage } from "../../bpftrace/bpftraceMessage";
import { allMap, budget, floodMap, readyMark, restMap, type RecordProbe } from "../../bpftrace/recordProgram";
import { RecordParts } from "../../bpftrace/recordParts";
import { RecordReader } from "../../bpftrace/recordReader";
import type { TraceRecord } from "../../bpftrace/traceRecord";
import type { StackFrame } from "../../stacks/stack";
import type { TraceDecoder, TraceSink } from "./collector";
import { CountedEvents } from "./countedEvents";
import type { TraceEvent } from "./traceModel";

/**
 * Reads what a record program prints. Events that were only counted in the kernel are handed on in numbers, with the newest record of the same
 * key for what the count does not say; they wait while there is none. At the end the total tells what got lost on the way.
 */
export class BpftraceDecoder<E extends TraceEvent> implements TraceDecoder<E> {
  readonly isNoise = isNoise;
  readonly failure = bpftraceFailure;
  private readonly reader: RecordReader;
  private readonly parts = new RecordParts();
  private readonly samples = new Map<string, TraceRecord>();
  private counts: CountedEvents | undefined;
  private total = 0;
  private received = 0;
  private reportedLost = 0;

  /** @param toEvent undefined: not an event of this trace */
  constructor(
    probes: readonly RecordProbe[],
    private readonly toEvent: (record: TraceRecord) => E | undefined,
    symbolize: (frame: StackFrame) => StackFrame,
  ) {
    this.reader = new RecordReader(probes, (stack) => stack.map(symbolize));
  }

  line(text: string, sink: TraceSink<E>): void {
    const record = this.reader.line(text);
    if (record) this.takeRecord(record, sink);
    else this.takeMessage(parseBpftraceMessage(text), sink);
  }

  private takeMessage(message: BpftraceMessage | undefined, sink: TraceSink<E>): void {
    switch (message?.type) {
      case "text":
        if (message.text.startsWith(readyMark)) sink.ready(Number(message.text.slice(readyMark.length)));
        else this.takeText(message.text, sink);
        break;
      case "map":
        if (message.name === restMap) this.countsFor(sink).takeStacks(message.entries);
        if (message.name === floodMap) this.countsFor(sink).takeFlood(message.entries);
        if (message.name === allMap) this.total = message.entries.reduce((sum, [, count]) => sum + count, 0);
        break;
      case "lost":
        this.takeLost(this.parts.recordsOf(message.events), sink);
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

  private takeLost(events: number, sink: TraceSink<E>): void {
    this.reportedLost += events;
    sink.lost(events);
  }

  end(sink: TraceSink<E>): void {
    const { counted, byKey, withheld } = this.countsFor(sink).end();
    if (byKey > 0) sink.say(`Of ${byKey} events of a flood the stack was not walked: they were counted by their kind, and went to the stacks of that kind by how often each was walked (one in ${budget.oneIn}).`);
    if (withheld > 0) sink.say(`${withheld} events are counted but not shown: none of their kind was printed in full.`);
    const missing = this.total - this.received - counted - this.reportedLost;
    if (missing > 0) sink.lost(missing);
  }

  private takeText(printed: string, sink: TraceSink<E>): void {
    const text = this.parts.join(printed);
    if (text === undefined) return;
    const record = this.reader.record(text);
    if (record) this.takeRecord(record, sink);
    else sink.say(`not understood: ${text.slice(0, 200)}`);
  }

  private takeRecord(record: TraceRecord, sink: TraceSink<E>): void {
    this.received++;
    if (this.samples.size < 10_000 || this.samples.has(record.key)) this.samples.set(record.key, record);
    const event = this.toEvent(record);
    if (event) sink.event(event);
  }

  private countsFor(sink: TraceSink<E>): CountedEvents {
    return (this.counts ??= new CountedEvents(this.reader, (key, stack, times) => {
      const sample = this.samples.get(key);
      const event = sample && this.toEvent(sample.withStack(stack));
      if (event) sink.event(event, times, true);
      return sample !== undefined;
    }));
  }
}
