import type { Endianness } from "../base/byteReader";
import { DomainError, describeError } from "../base/errors";
import { parseBpftraceMessage } from "../bpftrace/bpftraceMessage";
import { readyMark } from "../bpftrace/resetProgram";
import { parseResetRecord } from "../bpftrace/resetRecord";
import { bpftraceFailure, isNoise } from "../bpftrace/bpftraceFailure";
import type { StackFrame } from "../stacks/stack";
import type { RunningCommand } from "../target/target";
import type { ExitStatus } from "../target/command";
import { readLines } from "./readLines";
import { resetEvent } from "./resetEvent";
import type { ResetEvent } from "./resetModel";

export interface RunningResetTraceOptions {
  readonly where: string;
  readonly endianness: Endianness;
  readonly reasons: ReadonlyMap<number, string>;
  readonly onEvent: (event: ResetEvent) => void;
  readonly symbolize?: (frame: StackFrame) => StackFrame;
  readonly durationMs?: number;
}

/** At most so many different messages are kept; what repeats is kept once. */
const maxMessages = 50;

/** A bpftrace that runs the reset program, and what came of it so far. Events are handed on as they come; nothing of them is kept. */
export class RunningResetTrace {
  /** Resolves when every probe is attached. Rejects with what bpftrace said, or with the reason of an abort, when that never came about. */
  readonly ready: Promise<void>;
  /** Resolves when the target has ended it and everything was handed on; rejects when the link was lost or bpftrace failed. */
  readonly ended: Promise<void>;
  private readonly attached: PromiseWithResolvers;
  private readonly said = new Set<string>();
  private lostEvents = 0;
  private isReady = false;
  private stopping = false;

  constructor(
    private readonly command: RunningCommand,
    private readonly options: RunningResetTraceOptions,
    signal?: AbortSignal,
  ) {
    this.attached = promiseWithResolvers();
    this.ready = this.attached.promise;
    this.ready.catch(() => undefined);
    this.ended = this.follow();
    this.ended.catch(() => undefined);
    if (signal?.aborted) void this.stop();
    else signal?.addEventListener("abort", () => void this.stop(), { once: true });
  }

  /** Events that the target's buffers had no room for. */
  lost(): number {
    return this.lostEvents;
  }

  /** Warnings and errors in bpftrace's own words, each once. */
  messages(): readonly string[] {
    return [...this.said];
  }

  /** Ends the tracer; resolves when it has ended, however that went. */
  async stop(): Promise<void> {
    if (!this.stopping) {
      this.stopping = true;
      await this.command.stop().catch(() => undefined);
    }
    await this.ended.catch(() => undefined);
  }

  private async follow(): Promise<void> {
    const errors = this.followErrors();
    // A lost link fails both streams; standard output's failure is the one that is reported.
    errors.catch(() => undefined);
    let timer: NodeJS.Timeout | undefined;
    const { durationMs } = this.options;
    if (durationMs !== undefined) void this.ready.then(() => (timer = setTimeout(() => void this.stop(), durationMs)), () => undefined);
    try {
      for await (const line of readLines(this.command.stdout)) this.take(line);
      await errors;
      this.judge(await this.command.exit);
    } catch (error) {
      this.attached.reject(error);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  private async followErrors(): Promise<void> {
    for await (const line of readLines(this.command.stderr)) {
      if (!isNoise(line)) this.say(line);
    }
  }

  private take(line: string): void {
    const message = parseBpftraceMessage(line);
    switch (message?.type) {
      case "text":
        this.takeText(message.text);
        break;
      case "lost":
        this.lostEvents += message.events;
        break;
      case "problem":
        this.say(message.text);
        break;
      case undefined:
      case "attached":
      case "other":
        break;
    }
  }

  private takeText(text: string): void {
    if (text.startsWith(readyMark)) {
      this.isReady = true;
      this.attached.resolve();
      return;
    }
    const { endianness, reasons, symbolize, onEvent } = this.options;
    const record = parseResetRecord(text, endianness);
    if (!record) this.say(`not understood: ${text.slice(0, 200)}`);
    else this.handOn(() => onEvent(resetEvent(record, reasons, symbolize)));
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
    if (this.stopping) this.attached.reject(new DomainError("bpftrace/stopped", "the trace was stopped before it was attached", this.options.where));
    else throw bpftraceFailure(exit, this.messages(), this.options.where);
  }
}

/** Promise.withResolvers of ES2024, which the engines we run in do not all have. */
interface PromiseWithResolvers {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

function promiseWithResolvers(): PromiseWithResolvers {
  let [resolve, reject]: [() => void, (reason: unknown) => void] = [() => undefined, () => undefined];
  const promise = new Promise<void>((...ends) => ([resolve, reject] = ends));
  return { promise, resolve, reject };
}
