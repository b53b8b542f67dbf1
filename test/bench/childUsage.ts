import { execFileSync } from "node:child_process";

/** What a process used, its threads and children included. */
export interface ChildUsage {
  /** User and system, milliseconds. */
  readonly cpu: number;
  /** Largest resident set, bytes. */
  readonly memory: number;
}

/** Node does not tell what a child used, and the shell does not tell memory. */
const runner = `import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdin=sys.stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, status)`;

/** @throws when the program cannot be run */
export function childUsage(argv: readonly string[], input = ""): ChildUsage {
  const [seconds = "", kilobytes = ""] = execFileSync("python3", ["-c", runner, ...argv], { input, encoding: "utf8" }).split(" ");
  return { cpu: Number(seconds) * 1000, memory: Number(kilobytes) * 1024 };
}

/** The usage of several programs, run in turn so that other load on the machine meets all alike; of each number the median of the rounds. */
export function medianUsage(contenders: readonly (readonly [argv: readonly string[], input?: string])[], rounds: number): ChildUsage[] {
  const runs = contenders.map((): ChildUsage[] => []);
  for (let round = 0; round < rounds; round++) for (const [index, [argv, input]] of contenders.entries()) runs[index]?.push(childUsage(argv, input));
  return runs.map((own) => ({ cpu: median(own.map(({ cpu }) => cpu)), memory: median(own.map(({ memory }) => memory)) }));
}

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
