import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { DomainError, describeError } from "../base/errors";
import type { StackFrame } from "../stacks/stack";
import type { DebugFiles } from "./debugFile";
import { FileHost } from "./fileProxies";
import type { ResolvedFrame } from "./resolvedFrame";
import { Resolver } from "./resolver";
import { ThreadPeer, type PeerMessage } from "./threadPeer";

export interface SymbolizerOptions {
  /** The worker's script; `in-process` resolves in this thread. Default: `symbolizer.js` beside this bundle, in-process where there is none. */
  readonly worker?: string;
}

/** Resolves frames of kernel stacks to functions and lines. The work is done in a thread of its own, which starts with the first frame. */
export class Symbolizer {
  private readonly backend: Backend;

  constructor(files: DebugFiles, { worker = bundledWorker() }: SymbolizerOptions = {}) {
    this.backend = worker === "in-process" ? new Resolver(files) : new WorkerBackend(files, worker);
  }

  /** Answers in the order of the frames. A frame that cannot be resolved has a status and a message; only an abort or a lost thread rejects. */
  resolve(frames: readonly StackFrame[], { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<ResolvedFrame[]> {
    return frames.length === 0 ? Promise.resolve([]) : this.backend.resolve(frames, signal);
  }

  /** Where the kernel's tree was when it was built, as far as a resolved line has told; with a slash at the end. */
  sourceRoot(): Promise<string | undefined> {
    return this.backend.sourceRoot();
  }

  /** The folder that the compiler ran in, as debug information records it, as far as a resolved line has told. */
  compilationFolder(): Promise<string | undefined> {
    return this.backend.compilationFolder();
  }

  /** Closes the files and ends the thread. */
  dispose(): Promise<void> {
    return this.backend.close();
  }
}

interface Backend {
  resolve(frames: readonly StackFrame[], signal: AbortSignal | undefined): Promise<ResolvedFrame[]>;
  sourceRoot(): Promise<string | undefined>;
  compilationFolder(): Promise<string | undefined>;
  close(): Promise<void>;
}

function bundledWorker(): string {
  const script = join(__dirname, "symbolizer.js");
  return existsSync(script) ? script : "in-process";
}

class WorkerBackend implements Backend {
  private thread: { readonly worker: Worker; readonly peer: ThreadPeer } | undefined;
  private busy = 0;

  constructor(
    private readonly files: DebugFiles,
    private readonly script: string,
  ) {}

  async resolve(frames: readonly StackFrame[], signal: AbortSignal | undefined): Promise<ResolvedFrame[]> {
    const { worker, peer } = (this.thread ??= this.start());
    // An idle thread does not keep the process alive.
    if (this.busy++ === 0) worker.ref();
    try {
      return (await peer.call("resolve", frames, signal)) as ResolvedFrame[];
    } finally {
      if (--this.busy === 0) worker.unref();
    }
  }

  async sourceRoot(): Promise<string | undefined> {
    return (await this.thread?.peer.call("sourceRoot", undefined)) as string | undefined;
  }

  async compilationFolder(): Promise<string | undefined> {
    return (await this.thread?.peer.call("compilationFolder", undefined)) as string | undefined;
  }

  async close(): Promise<void> {
    const { thread } = this;
    if (!thread) return;
    this.thread = undefined;
    thread.worker.ref();
    await thread.peer.call("close", undefined).catch(() => undefined);
    await thread.worker.terminate();
  }

  private start(): NonNullable<typeof this.thread> {
    const host = new FileHost(this.files);
    // Loaded only here: the command line resolves without a thread, and loading this takes as long as a frame.
    const worker = new (process.getBuiltinModule("node:worker_threads").Worker)(this.script);
    const peer = new ThreadPeer(worker, (method, parameter) => host.handle(method, parameter));
    const ended = (what: string): void => {
      if (this.thread?.worker === worker) this.thread = undefined;
      peer.fail(new DomainError("symbolize/worker-ended", `the symbolizer's thread ended: ${what}`));
    };
    worker.on("message", (message: PeerMessage) => peer.receive(message));
    worker.on("error", (error) => ended(describeError(error)));
    worker.on("exit", (status) => ended(`exit status ${status}`));
    worker.unref();
    return { worker, peer };
  }
}
