import { DomainError } from "../../src/base/errors";
import type { Command, CommandResult, ExitStatus } from "../../src/target/command";
import { shellLine } from "../../src/target/command";
import type { AttachedProgram, FileStat, ResidentProgram, RunningCommand, Target } from "../../src/target/target";

export interface Recording {
  /** Exact words of the command line, or a test of them. The first that fits answers. */
  readonly argv: readonly string[] | RegExp | ((command: Command) => boolean);
  readonly stdout?: string | Uint8Array;
  readonly stderr?: string;
  readonly code?: number;
  /** Thrown instead of an answer. */
  readonly error?: Error;
}

export interface RecordedTarget extends Target {
  /** Every command asked for, in order. */
  readonly commands: readonly Command[];
}

export interface RecordedOptions {
  readonly name?: string;
  readonly recordings?: readonly Recording[];
  /** Path → content. A folder of these exists too. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

/** A target that answers from what was recorded; what was not recorded fails and names the command. */
export function recordedTarget(options: RecordedOptions = {}): RecordedTarget {
  const { name = "recorded", recordings = [], files = {} } = options;
  const closed = new AbortController();
  const commands: Command[] = [];
  const answer = (command: Command): CommandResult => {
    commands.push(command);
    const recording = recordings.find((candidate) => fits(candidate, command));
    if (!recording) throw new DomainError("target/not-recorded", `no answer was recorded for ${shellLine(command.argv)}`, name);
    if (recording.error) throw recording.error;
    return { code: recording.code ?? 0, stdout: Buffer.from(recording.stdout ?? ""), stderr: recording.stderr ?? "" };
  };
  const content = (path: string): Buffer | undefined => (path in files ? Buffer.from(files[path] ?? "") : undefined);
  return {
    name,
    kind: "recorded",
    closed: closed.signal,
    commands,
    run: async (command) => Promise.resolve().then(() => answer(command)),
    start: async (command) => Promise.resolve().then(() => running(answer(command))),
    attach: (program) => Promise.resolve(attachedProgram(program, answer)),
    stat: (path) => Promise.resolve(statOf(path, content(path), Object.keys(files))),
    async openFile(path) {
      const bytes = content(path);
      if (!bytes) throw new DomainError("target/no-such-file", "no such file", `${name}:${path}`);
      const read = (offset: number, length: number): Promise<Uint8Array> => Promise.resolve(bytes.subarray(offset, offset + length));
      return Promise.resolve({ path, size: bytes.length, read, close: () => Promise.resolve() });
    },
    dispose() {
      closed.abort(new DomainError("target/disposed", "closed by us", name));
      return Promise.resolve();
    },
  };
}

function fits({ argv }: Recording, command: Command): boolean {
  if (typeof argv === "function") return argv(command);
  if (argv instanceof RegExp) return argv.test(shellLine(command.argv));
  return shellLine(argv) === shellLine(command.argv);
}

function statOf(path: string, bytes: Buffer | undefined, paths: readonly string[]): FileStat | undefined {
  if (bytes) return { size: bytes.length, isDirectory: false, mtime: 0 };
  return paths.some((other) => other.startsWith(`${path.replace(/\/$/, "")}/`)) ? { size: 0, isDirectory: true, mtime: 0 } : undefined;
}

function running(result: CommandResult): RunningCommand {
  const status: ExitStatus = result.code === undefined ? {} : { code: result.code };
  const once = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    if (bytes.length > 0) yield await Promise.resolve(bytes);
  };
  return { stdout: once(result.stdout), stderr: once(Buffer.from(result.stderr)), exit: Promise.resolve(status), stop: () => Promise.resolve(status) };
}

/** A program that stays, and gets its answers as if each question were a command with that input. Renewals are none. */
export function attachedProgram(program: ResidentProgram, answer: (command: Command) => CommandResult): AttachedProgram {
  let listener: ((chunk: Uint8Array) => void) | undefined;
  let over: (status: ExitStatus) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const exit = new Promise<ExitStatus>((resolve, reject) => [over, fail] = [resolve, reject]);
  exit.catch(() => undefined);
  const reply = (bytes: Uint8Array | string): void => {
    try {
      const { stdout, code } = answer({ ...program, stdin: Buffer.from(bytes) });
      listener?.(stdout);
      if (code !== 0) over({ code: code ?? 1 });
    } catch (error) {
      fail(error);
    }
  };
  return {
    idle: false,
    said: "",
    exit,
    listen: (one) => (listener = one),
    write: (bytes) => queueMicrotask(() => reply(bytes)),
    end: () => (over({ code: 0 }), exit),
    destroy: () => over({ code: 0 }),
  };
}
