/** A bpftrace program of the user's on a host: its output decoded, frames of kernel stacks with their source lines, and nothing left behind. */
import { bpftraceFailure, isNoise } from "../bpftrace/bpftraceFailure";
import { outputLines } from "../bpftrace/outputLines";
import { parseProgramOutput, type ProgramOutput } from "../bpftrace/programOutput";
import { readLines } from "../collectors/readLines";
import type { StackFrame } from "../stacks/stack";
import { parseStacks } from "../stacks/parseStacks";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";
import type { Target } from "../target/target";

export interface RunProgramOptions {
  readonly text: string;
  /** `--unsafe`: the program may change what it looks at. */
  readonly unsafe?: boolean;
  readonly onOutput: (output: ProgramOutput, lines: readonly string[]) => void;
  readonly resolve: (frames: readonly StackFrame[]) => Promise<readonly ResolvedFrame[]>;
}

export interface RunningProgram {
  /** Resolves when it has ended and all its output was handed on; rejects with what bpftrace said when it failed. */
  readonly ended: Promise<void>;
  /** Asks for an orderly end: the maps are printed on the way out. */
  stop(): Promise<void>;
}

/** Starts it under the supervisor, which ends it with us, with the connection, or when it is stopped. */
export async function runProgram(target: Target, options: RunProgramOptions, signal?: AbortSignal): Promise<RunningProgram> {
  const argv = ["bpftrace", "-f", "json", ...(options.unsafe ? ["--unsafe"] : []), "-e", options.text] as const;
  // TERM, which is sent again and again: a second INT would end it in the middle of printing its maps.
  const command = await target.start({ argv: [...argv], privilege: "root", env: { BPFTRACE_COLOR: "never" } }, signal);
  let stopping = false;
  const said: string[] = [];
  const follow = async (): Promise<void> => {
    const errors = (async () => {
      for await (const line of readLines(command.stderr)) {
        if (isNoise(line)) continue;
        said.push(line);
        options.onOutput({ kind: "problem", text: line }, [line]);
      }
    })();
    errors.catch(() => undefined);
    for await (const line of readLines(command.stdout)) {
      for (const output of parseProgramOutput(line)) options.onOutput(output, await withPlaces(outputLines(output), options.resolve));
    }
    await errors;
    const exit = await command.exit;
    if (!stopping && exit.code !== 0) throw bpftraceFailure(exit, said, target.name);
  };
  const ended = follow();
  ended.catch(() => undefined);
  const stop = async (): Promise<void> => {
    stopping = true;
    await command.stop().catch(() => undefined);
    await ended.catch(() => undefined);
  };
  if (signal?.aborted) void stop();
  else signal?.addEventListener("abort", () => void stop(), { once: true });
  return { ended, stop };
}

/** Puts the source line behind each frame of a kernel stack, and the functions that were inlined there on lines of their own. */
async function withPlaces(lines: readonly string[], resolve: RunProgramOptions["resolve"]): Promise<readonly string[]> {
  if (lines.length < 2) return lines;
  const { stacks } = parseStacks(lines.join("\n"));
  const frames = stacks.flatMap((stack) => stack.frames.map((frame, index) => ({ frame, line: stack.lines[index] ?? 0 })));
  if (frames.length === 0) return lines;
  const resolved = await resolve(frames.map(({ frame }) => frame)).catch(() => []);
  const byLine = new Map(frames.map(({ line }, index) => [line, resolved[index]]));
  return lines.flatMap((line, index) => placedLines(line, byLine.get(index + 1)));
}

function placedLines(line: string, resolved: ResolvedFrame | undefined): readonly string[] {
  if (!resolved || resolved.frames.length === 0) return [line];
  const indent = /^\s*/.exec(line)?.[0] ?? "";
  const places = resolved.frames.map(({ function: name, source, inlined }) => ({ name, inlined, place: source ? `${source.file}:${source.line}` : "" }));
  const own = places.at(-1);
  return [...places.slice(0, -1).map(({ name, place }) => `${indent}  ${name}  ${place}  (inlined)`), `${line}${own?.place ? `  ${own.place}` : ""}`];
}
