import { execFileSync } from "node:child_process";

/** What a program took, everything that it started and waited for included. */
export interface Cost {
  /** Milliseconds. */
  readonly wall: number;
  /** User and system time, milliseconds: on a busy machine the figure to go by. */
  readonly cpu: number;
  /** Bytes of the largest of its processes. */
  readonly memory: number;
}

/** rusage of children tells what Node.js does not. Output goes to /dev/null, or its size would be measured with it. */
const program = `
import json, resource, subprocess, sys, time
start = time.monotonic()
code = subprocess.run(sys.argv[1:], stdin=sys.stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
if code.returncode: sys.exit(code.stderr.decode())
print(json.dumps({"wall": (time.monotonic() - start) * 1000, "cpu": (used.ru_utime + used.ru_stime) * 1000, "memory": used.ru_maxrss * 1024}))
`;

export function measured(argv: readonly string[], stdin: Uint8Array = new Uint8Array(0)): Cost {
  return JSON.parse(execFileSync("python3", ["-c", program, ...argv], { input: stdin, encoding: "utf8" })) as Cost;
}

/** The least of several rounds, field by field, contenders in turn so that other load meets all alike. */
export async function bestOf(rounds: number, contenders: readonly (() => Promise<Cost>)[]): Promise<Cost[]> {
  const best = contenders.map((): Cost => ({ wall: Infinity, cpu: Infinity, memory: Infinity }));
  for (let round = 0; round < rounds; round++) {
    for (const [index, contender] of contenders.entries()) {
      const [cost, least] = [await contender(), best[index] ?? { wall: Infinity, cpu: Infinity, memory: Infinity }];
      best[index] = { wall: Math.min(least.wall, cost.wall), cpu: Math.min(least.cpu, cost.cpu), memory: Math.min(least.memory, cost.memory) };
    }
  }
  return best;
}
