import { AttachedChannel } from "./attachedChannel";
import type { OpenChannel } from "./channel";
import type { Command, CommandResult } from "./command";
import type { RootAccess } from "./rootAccess";
import { SupervisedCommand } from "./supervisedCommand";
import type { Lease } from "./supervisor";
import { leaseOf, supervisedArgv, supervisorInput } from "./supervisor";
import type { AttachedProgram, ResidentProgram } from "./target";

const defaultRunMs = 30_000;

/** Runs commands over any transport that can open channels: the part that local and ssh targets share. */
export class CommandRunner {
  private readonly running = new Set<SupervisedCommand>();
  private readonly attached = new Set<AttachedProgram>();

  constructor(
    private readonly name: string,
    private readonly open: OpenChannel,
    private readonly root: RootAccess,
    private readonly lease: Lease,
  ) {}

  async start(command: Command, signal?: AbortSignal): Promise<SupervisedCommand> {
    signal?.throwIfAborted();
    const root = command.privilege === "root" ? await this.root.obtain(signal) : { prefix: [] };
    const lease = leaseOf(command, this.lease);
    const channel = await this.open(supervisedArgv(command, lease, root.prefix), signal);
    const where = `${this.name}: ${command.argv[0]}`;
    const running = new SupervisedCommand(channel, supervisorInput(command, root.password), where, lease, command.timeoutMs);
    this.track(running);
    stopOn(running, signal);
    return running;
  }

  async run(command: Command, signal?: AbortSignal): Promise<CommandResult> {
    const running = await this.start({ timeoutMs: defaultRunMs, ...command }, signal);
    const result = Promise.all([collect(running.stdout), collect(running.stderr), running.exit]);
    const [stdout, stderr, status] = await unlessAborted(result, signal);
    return { ...status, stdout, stderr: stderr.toString() };
  }

  async attach({ argv, privilege }: ResidentProgram, signal?: AbortSignal): Promise<AttachedProgram> {
    signal?.throwIfAborted();
    const root = privilege === "root" ? await this.root.obtain(signal) : { prefix: [] };
    const [first, ...rest] = [...root.prefix, ...argv];
    const program = new AttachedChannel(await this.open([first ?? argv[0], ...rest], signal), this.lease, root.password);
    this.attached.add(program);
    void program.exit.catch(() => undefined).finally(() => this.attached.delete(program));
    return program;
  }

  /** Ends one attached program that does nothing at the moment; false when there is none. */
  giveBack(): boolean {
    const program = [...this.attached].find(({ idle }) => idle);
    if (!program) return false;
    program.idle = false;
    void program.end().catch(() => undefined);
    return true;
  }

  /** Ends everything in order; resolves when the target confirmed it or `patienceMs` have passed. */
  async stopAll(patienceMs: number): Promise<void> {
    const ends = [...[...this.running].map((command) => command.stop()), ...[...this.attached].map((program) => program.end())].map((end) => end.catch(() => undefined));
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, patienceMs)));
    await Promise.race([Promise.all(ends), patience]);
    clearTimeout(timer);
  }

  private track(running: SupervisedCommand): void {
    this.running.add(running);
    void running.exit.catch(() => undefined).finally(() => this.running.delete(running));
  }
}

function stopOn(running: SupervisedCommand, signal?: AbortSignal): void {
  if (!signal) return;
  const stop = (): void => void running.stop().catch(() => undefined);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  void running.exit.catch(() => undefined).finally(() => signal.removeEventListener("abort", stop));
}

/** Rejects with the signal's reason as soon as it is aborted; what `work` then does is not waited for. */
function unlessAborted<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return work;
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the reason is the caller's
    abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener("abort", abort));
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}
