import { execFileSync } from "node:child_process";

/** One way to do a task. */
export interface Contender {
  readonly name: string;
  readonly argv: readonly string[];
  readonly stdin?: string;
}

export interface Measurement {
  readonly name: string;
  /** Shortest of the rounds, in milliseconds, process start included. */
  readonly milliseconds: number;
  /** Time of the first contender divided by this one's: above 1, this one is faster than ours. */
  readonly ratio: number;
}

function runOnce({ argv, stdin }: Contender): number {
  const [program = "", ...args] = argv;
  const started = performance.now();
  execFileSync(program, args, { stdio: ["pipe", "pipe", "ignore"], maxBuffer: 1 << 28, input: stdin ?? "" });
  return performance.now() - started;
}

/** Runs all contenders in turn, `rounds` times, so that other load on the machine meets all alike. The first is ours. */
export function compare(contenders: readonly Contender[], rounds = 7): Measurement[] {
  const best = contenders.map(() => Infinity);
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) best[index] = Math.min(best[index] ?? Infinity, runOnce(contender));
  }
  return contenders.map(({ name }, index) => ({ name, milliseconds: best[index] ?? NaN, ratio: (best[0] ?? NaN) / (best[index] ?? NaN) }));
}
