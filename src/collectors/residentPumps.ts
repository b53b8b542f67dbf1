/**
 * Pumps that stay on a target between looks, so that a refresh costs one round trip and no start of an interpreter. One that nobody has asked
 * for a while is ended; it ends by itself as well when we are gone, and gives its channel back when others need one (Target.attach).
 */
import { DomainError, errorCode } from "../base/errors";
import type { HostFacts } from "../probes/hostFacts";
import type { ResidentPump } from "../probes/pump";
import { PumpFrameReader, pumpFailure } from "../probes/pumpFrames";
import { squeezeLine } from "../probes/pumpRequest";
import type { AttachedProgram, Target } from "../target/target";
import type { FrameSink } from "./pumpLadder";
import { noteTransfer, wantsCompression } from "./slowLink";

/** Longer than between two refreshes of a view. */
const IDLE_MS = 60_000;

export interface PassOptions {
  readonly privilege: "root" | "user";
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** By target, and by program and rights. */
const idle = new WeakMap<Target, Map<string, AttachedProgram[]>>();
const ends = new WeakMap<AttachedProgram, NodeJS.Timeout>();
/** Those that were told to compress what they print. */
const squeezing = new WeakSet<AttachedProgram>();

/**
 * One pass by a pump that waits for it, or by a new one.
 * @param pass of `passBytes`
 * @throws DomainError `pump/failed`, `pump/garbled`, `pump/truncated`, `target/timeout`, what the target throws, and what the sink throws
 */
export async function runPass(target: Target, facts: HostFacts, pump: ResidentPump, pass: Uint8Array, options: PassOptions, sink: FrameSink): Promise<void> {
  const others = waitingFor(target, `${options.privilege} ${pump.argv.join("\0")}`);
  for (;;) {
    const waiting = others.pop();
    const program = waiting ?? (await target.attach({ argv: pump.argv, privilege: options.privilege }, options.signal));
    program.idle = false;
    clearTimeout(ends.get(program));
    if (!waiting) void program.exit.catch(() => undefined).finally(() => forget(program, others));
    const run = new PumpPass(target, facts, program, pump.where, sink);
    try {
      await run.run(pass, options);
      keep(program, others);
      return;
    } catch (error) {
      program.destroy();
      // It may have ended while nobody looked.
      if (!waiting || run.hasAnswered || !(error instanceof DomainError) || !errorCode(error)?.startsWith("pump/")) throw error;
    }
  }
}

function waitingFor(target: Target, key: string): AttachedProgram[] {
  const all = idle.get(target) ?? new Map<string, AttachedProgram[]>();
  idle.set(target, all);
  const some = all.get(key) ?? [];
  all.set(key, some);
  return some;
}

function keep(program: AttachedProgram, others: AttachedProgram[]): void {
  program.idle = true;
  others.push(program);
  const end = (): void => {
    forget(program, others);
    void program.end().catch(() => undefined);
  };
  ends.set(program, setTimeout(end, IDLE_MS).unref());
}

function forget(program: AttachedProgram, others: AttachedProgram[]): void {
  clearTimeout(ends.get(program));
  if (others.includes(program)) others.splice(others.indexOf(program), 1);
}

class PumpPass {
  hasAnswered = false;
  private readonly reader: PumpFrameReader;
  private bytes = 0;
  /** Milliseconds without anything to read, since the first bytes. */
  private waited = 0;
  private lookedAt: number | undefined;

  constructor(
    private readonly target: Target,
    private readonly facts: HostFacts,
    private readonly program: AttachedProgram,
    private readonly where: string,
    sink: FrameSink,
  ) {
    this.reader = new PumpFrameReader(where, sink);
  }

  async run(pass: Uint8Array, { signal, timeoutMs }: PassOptions): Promise<void> {
    signal?.throwIfAborted();
    const { program } = this;
    let release: () => void = () => undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const abort = (): void => reject(signal?.reason as Error);
        const timer = setTimeout(() => reject(new DomainError("target/timeout", `not done after ${timeoutMs / 1000} s`, `${this.target.name}: ${this.where}`)), timeoutMs);
        release = () => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", abort);
        };
        signal?.addEventListener("abort", abort, { once: true });
        program.listen((chunk) => this.take(chunk, resolve, reject));
        program.exit.then((status) => this.finish(resolve, (cause) => reject(pumpFailure(status, program.said, this.where, cause))), reject);
        this.squeezeIfSlow();
        program.write(pass);
      });
    } catch (error) {
      throw errorCode(error) === "pump/garbled" ? await this.inItsWords(error as DomainError) : error;
    } finally {
      release();
      program.listen(undefined);
    }
  }

  private take(chunk: Uint8Array, resolve: () => void, reject: (error: Error) => void): void {
    this.hasAnswered = true;
    if (this.lookedAt !== undefined) this.waited += performance.now() - this.lookedAt;
    this.bytes += chunk.length;
    try {
      this.reader.push(chunk);
    } catch (error) {
      reject(error instanceof Error ? error : new Error(String(error)));
    }
    if (!squeezing.has(this.program)) {
      noteTransfer(this.target, this.bytes, this.waited);
      this.squeezeIfSlow();
    }
    this.lookedAt = performance.now();
    if (this.reader.ended) resolve();
  }

  /** What is not yet on its way is compressed from here on. */
  private squeezeIfSlow(): void {
    if (squeezing.has(this.program) || !wantsCompression(this.target, this.facts)) return;
    squeezing.add(this.program);
    this.program.write(squeezeLine);
  }

  private finish(resolve: () => void, reject: (cause: DomainError) => void): void {
    try {
      this.reader.end();
      resolve();
    } catch (error) {
      reject(error as DomainError);
    }
  }

  /** What has something to say instead of frames says why on standard error. */
  private async inItsWords(cause: DomainError): Promise<DomainError> {
    return pumpFailure(await this.program.end(), this.program.said, this.where, cause);
  }
}
