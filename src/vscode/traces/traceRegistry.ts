import { Emitter } from "../../base/emitter";
import type { TraceGroup, TraceSummary } from "../../collectors/traces/traceModel";
import type { HostFacts } from "../../probes/hostFacts";
import type { HostTrace } from "../../session/host";
import { RateMeter } from "./rateMeter";

/** A running or finished trace of this window. */
export interface TraceEntry {
  readonly id: string;
  readonly hostName: string;
  readonly facts: HostFacts;
  readonly trace: HostTrace;
  /** Why it ended before its time. */
  readonly error?: unknown;
}

/** All traces of this window, newest first. They stay readable after their end until they are removed. */
export class TraceRegistry {
  private readonly entries: (TraceEntry & { error?: unknown; readonly rate: RateMeter })[] = [];
  private readonly changed = new Emitter<void>();
  private readonly failed = new Emitter<TraceEntry>();
  private counter = 0;
  private shownId: string | undefined;

  readonly onChange = this.changed.subscribe;
  readonly onFailed = this.failed.subscribe;

  add(hostName: string, facts: HostFacts, trace: HostTrace): TraceEntry {
    const entry = { id: `trace-${++this.counter}`, hostName, facts, trace, rate: new RateMeter() };
    this.entries.unshift(entry);
    this.shownId = entry.id;
    entry.rate.sample(Date.now(), 0);
    const subscription = trace.onChange(() => {
      entry.rate.sample(Date.now(), trace.summary().events);
      this.changed.emit();
    });
    void trace.ended
      .catch((error: unknown) => {
        Object.assign(entry, { error });
        this.failed.emit(entry);
      })
      .finally(() => {
        subscription.dispose();
        this.changed.emit();
      });
    this.changed.emit();
    return entry;
  }

  list(): readonly TraceEntry[] {
    return this.entries;
  }

  get(id: string): TraceEntry | undefined {
    return this.entries.find((entry) => entry.id === id);
  }

  running(): readonly TraceEntry[] {
    return this.entries.filter(isRunning);
  }

  /** The trace whose hit counts are drawn beside source lines: the one last started or looked at. */
  get shown(): TraceEntry | undefined {
    return this.entries.find((entry) => entry.id === this.shownId) ?? this.entries[0];
  }

  show(id: string): void {
    if (id === this.shownId) return;
    this.shownId = id;
    this.changed.emit();
  }

  /** Events per second now. */
  rate(id: string): number {
    const entry = this.entries.find((candidate) => candidate.id === id);
    return entry && isRunning(entry) ? entry.rate.perSecond(Date.now(), entry.trace.summary().events) : 0;
  }

  async remove(id: string): Promise<void> {
    const index = this.entries.findIndex((entry) => entry.id === id);
    const [entry] = index < 0 ? [] : this.entries.splice(index, 1);
    this.changed.emit();
    if (entry && isRunning(entry)) await entry.trace.stop();
  }

  async stopAll(): Promise<void> {
    await Promise.allSettled(this.running().map((entry) => entry.trace.stop()));
  }
}

/** Failed ones have ended, whatever their summary last said. */
export function isRunning(entry: TraceEntry): boolean {
  return entry.error === undefined && traceIsLive(entry.trace.summary());
}

export function traceIsLive(summary: TraceSummary): boolean {
  return summary.state === "starting" || summary.state === "running" || summary.state === "stopping";
}

export const groupByKey = (entry: TraceEntry, key: string): TraceGroup | undefined => entry.trace.groups().find((group) => group.key === key);
