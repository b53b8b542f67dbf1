import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { buildSync } from "esbuild";
import { corpus } from "./corpus";
import type { FuzzTask } from "./worker";

/** `npm run fuzz -- --seconds N`: see README.md. */
interface Failure {
  readonly index: number;
  readonly file: string;
  readonly error: string;
}

/** Milliseconds of processor time. */
const longestInput = 10_000;
const mostMemory = 2 ** 30;
const mostFailures = 20;

interface Outcome {
  readonly failures: Failure[];
  /** Where to go on when the loop was stopped by an input. */
  readonly stoppedAt: number | undefined;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seconds: { type: "string", default: "60" }, seed: { type: "string" }, only: { type: "string" } } });
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const files = corpus();
  const folder = mkdtempSync(join(tmpdir(), "knetscope-fuzz-"));
  const script = join(folder, "worker.js");
  buildSync({ entryPoints: [join(import.meta.dirname, "worker.ts")], bundle: true, platform: "node", target: "node20", outfile: script });
  const counts = new Float64Array(new SharedArrayBuffer(64));
  const until = performance.now() + Number(values.seconds) * 1000;
  const failures: Failure[] = [];
  let from = values.only === undefined ? 0 : Number(values.only);
  const last = values.only === undefined ? Infinity : from + 1;
  console.log(`seed ${seed}, ${files.length} files: ${files.map(({ name }) => name).join("; ")}`);
  while (performance.now() < until && from < last && failures.length < mostFailures) {
    const outcome = await run(script, { files, seed, from, until: last, milliseconds: until - performance.now(), progress: counts.buffer }, counts);
    failures.push(...outcome.failures);
    if (outcome.stoppedAt === undefined) break;
    from = outcome.stoppedAt + 1;
  }
  rmSync(folder, { recursive: true });
  for (const { index, file, error } of failures) console.log(`input ${index} (${file}), again with --seed ${seed} --only ${index}:\n${error}`);
  const [, answered = 0, refused = 0, inputs = 0] = counts;
  console.log(`${inputs} mutated inputs; ${answered} parts answered, ${refused} refused with a named error, ${failures.length} failures`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

function run(script: string, task: FuzzTask, counts: Float64Array): Promise<Outcome> {
  const failures: Failure[] = [];
  const worker = new Worker(script, { workerData: task, resourceLimits: { maxOldGenerationSizeMb: 512 } });
  return new Promise((resolve) => {
    let [before, since] = [-1, cpuMilliseconds()];
    let stopped = false;
    const stop = (reason: string): void => {
      failures.push({ index: counts[0] ?? 0, file: "?", error: reason });
      clearInterval(watch);
      stopped = true;
      void worker.terminate().then(() => resolve({ failures, stoppedAt: counts[0] }));
    };
    const watch = setInterval(() => {
      const done = counts[3] ?? 0;
      if (done !== before) [before, since] = [done, cpuMilliseconds()];
      else if (cpuMilliseconds() - since > longestInput) stop(`no end within ${longestInput} ms`);
      if (process.memoryUsage().rss > mostMemory) stop(`${process.memoryUsage().rss} bytes of memory`);
    }, 250);
    worker.on("message", (failure: Failure) => failures.push(failure));
    worker.on("error", (error) => stop(`the thread ended: ${error.message}`));
    worker.on("exit", () => {
      clearInterval(watch);
      if (!stopped) resolve({ failures, stoppedAt: undefined });
    });
  });
}

/** A busy machine makes an input wait, not work. */
function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
