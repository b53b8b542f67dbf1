import { setTimeout as sleep } from "node:timers/promises";
import { DomainError, describeError } from "../../base/errors";
import { Slices } from "../../base/slices";
import type { ExitStatus } from "../../target/command";
import type { RunningCommand } from "../../target/target";
import { readLineBatches, readLines } from "../readLines";
import type { TraceDecoder, TraceSink } from "./collector";
import { promiseWithResolvers } from "./promiseWithResolvers";
import { ToolClock } from "./toolClock";
import type { TraceEvent } from "./traceModel";

export interface RunningTraceOptions<E extends TraceEvent> {
  readonly where: string;
  readonly decoder: TraceDecoder<E>;
  readonly onEvent: (event: E, times: number, mixed: boolean) => void;
  readonly durationMs?: number;
  readonly notes?: readonly string[];
  /** Ends with it. When it fails that is one message. */
  readonly beside?: RunningTrace<E>;
}

/** A tool that is behind by more, or does not run any more, is not waited for. */
const longestWaitMs = 5000;

/** At most so many different messages are kept; what repeats is kept once. */
const maxMessages = 50;

/** A tool that runs on the target, and what came of it so far. Events are handed on as they come; nothing of them is kept. */
export class RunningTrace<E extends TraceEvent> {
  /** Resolves when every probe is attached. Rejects with what the tool said, or with the reason of an abort, when that never came about. */
  readonly ready: Promise<void>;
  /** Resolves when the target has ended it and everything was handed on; rejects when the link was lost or the tool failed. */
  readonly ended: Promise<void>;
  private readonly attached = promiseWithResolvers();
  private readonly said: Set<string>;
  private readonly clock = new ToolClock();
  private readonly sink: TraceSink<E>;
  private lostEvents = 0;
  private isReady = false;
  private stopping = false;

  constructor(
    private readonly command: RunningCommand,
    private readonly options: RunningTraceOptions<E>,
    signal?: AbortSignal,
  ) {
    this.said = new Set(options.notes);
    this.sink = {
      ready: (clock) => this.takeReady(clock),
      event: (event, times = 1, mixed = false) => this.handOn(() => options.onEvent(event, times, mixed)),
      lost: (events) => (this.lostEvents += events),
      say: (text) => this.say(text),
    };
    const { beside } = options;
    beside?.ended.catch((error: unknown) => this.say(describeError(error)));
    this.ready = Promise.all([this.attached.promise, beside?.ready.catch(() => undefined)]).then(() => undefined);
    this.ready.catch(() => undefined);
    this.ended = this.follow();
    this.ended.catch(() => undefined);
    if (signal?.aborted) void this.stop();
    else signal?.addEventListener("abort", () => void this.stop(), { once: true });
  }

  /** Events that the target's buffers had no room for. */
  lost(): number {
    return this.lostEvents + (this.options.beside?.lost() ?? 0);
  }

  /** Warnings and errors in the tool's own words, each once. */
  messages(): readonly string[] {
    return [...new Set([...this.said, ...(this.options.beside?.messages() ?? [])])];
  }

  /** Ends the tracer once it has handed on what happened until now, or does not within seconds; resolves when it has ended, however that went. */
  async stop(): Promise<void> {
    if (!this.stopping) {
      this.stopping = true;
      await Promise.all([this.handedOn().then(() => this.command.stop()).catch(() => undefined), this.options.beside?.stop()]);
    }
    await this.ended.catch(() => undefined);
  }

  private async handedOn(): Promise<void> {
    const limit = new AbortController();
    const over = sleep(longestWaitMs, undefined, { signal: limit.signal }).catch(() => undefined);
    await Promise.race([this.clock.caughtUp(), this.ended.catch(() => undefined), over]);
    limit.abort();
  }

  private async follow(): Promise<void> {
    const { decoder, durationMs } = this.options;
    const errors = this.followErrors();
    // A lost link fails both streams; standard output's failure is the one that is reported.
    errors.catch(() => undefined);
    let timer: NodeJS.Timeout | undefined;
    if (durationMs !== undefined) void this.ready.then(() => (timer = setTimeout(() => void this.stop(), durationMs)), () => undefined);
    try {
      // A flood must leave the thread free for others now and then: what is there already would be read without a break.
      const slices = new Slices();
      for await (const lines of readLineBatches(this.command.stdout)) {
        for (const line of lines) decoder.line(line, this.sink);
        if (slices.over) await slices.rest();
      }
      decoder.end?.(this.sink);
      await errors;
      this.judge(await this.command.exit);
    } catch (error) {
      this.attached.reject(error);
      throw error;
    } finally {
      clearTimeout(timer);
      await this.options.beside?.stop();
    }
  }

  private async followErrors(): Promise<void> {
    for await (const line of readLines(this.command.stderr)) {
      if (!this.options.decoder.isNoise(line)) this.say(line);
    }
  }

  private takeReady(clock: number | undefined): void {
    if (clock !== undefined) this.clock.note(clock);
    this.isReady = true;
    this.attached.resolve();
  }

  /** A listener that throws must not end the reading, and must not go unheard. */
  private handOn(deliver: () => void): void {
    try {
      deliver();
    } catch (error) {
      this.say(describeError(error));
    }
  }

  private say(text: string): void {
    const line = text.trimEnd();
    if (line !== "" && this.said.size < maxMessages) this.said.add(line);
  }

  /** An end that we asked for is none to complain of, once it was attached. */
  private judge(exit: ExitStatus): void {
    if (this.isReady && (this.stopping || exit.code === 0)) return;
    const { decoder, where } = this.options;
    if (this.stopping) this.attached.reject(new DomainError("trace/stopped", "the trace was stopped before it was attached", where));
    else throw decoder.failure(exit, this.messages(), where);
  }
}
