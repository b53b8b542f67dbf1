import { setImmediate as nextTurn } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { randomOf } from "../symbolize/oracle/random";
import type { CorpusFile } from "./corpus";
import { mutate, regionsOf } from "./mutate";
import { tryFile } from "./tryFile";

export interface FuzzTask {
  readonly files: readonly CorpusFile[];
  readonly seed: number;
  readonly from: number;
  readonly until: number;
  readonly milliseconds: number;
  /** [0]: inputs done, [1]: parts that answered, [2]: parts that were refused. */
  readonly progress: SharedArrayBuffer;
}

/** zlib frees what it held in turns of the event loop: without any the memory of all inputs would add up. */
const inputsATurn = 500;

/** Goes through inputs until the time is over. What fails is said with its number, and the loop goes on. */
async function loop({ files, seed, from, until, milliseconds, progress }: FuzzTask): Promise<void> {
  const counts = new Float64Array(progress);
  const prepared = files.map((file) => ({ file, regions: regionsOf(file) }));
  const end = performance.now() + milliseconds;
  for (let index = from; index < until && performance.now() < end; index++) {
    const random = randomOf(seed * 0x9e37_79b1 + index);
    const chosen = prepared[Math.floor(random() * prepared.length)];
    if (!chosen) return;
    counts[0] = index;
    if (index % inputsATurn === 0) await nextTurn();
    try {
      const { answered, refused } = tryFile(mutate(chosen.file, chosen.regions, random), chosen.file.name, random);
      counts[1] = (counts[1] ?? 0) + answered;
      counts[2] = (counts[2] ?? 0) + refused;
    } catch (error) {
      parentPort?.postMessage({ index, file: chosen.file.name, error: error instanceof Error ? `${error.stack ?? error.message}${"where" in error ? `\nat ${String(error.where)}` : ""}` : String(error) });
    }
    counts[3] = (counts[3] ?? 0) + 1;
  }
}

// Most inputs end with an error whose stack nobody looks at; making it would be half of the work.
Error.stackTraceLimit = (workerData as FuzzTask).until === Infinity ? 0 : 50;
void loop(workerData as FuzzTask);
