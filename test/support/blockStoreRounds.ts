/** Run as a process of its own by blockStore.test.ts: `blockStoreRounds.ts FOLDER BUDGET SEED`. Prints what it saw as JSON. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { BlockStore } from "../../src/symbolize/blockStore";
import { randomOf } from "../symbolize/oracle/random";

export interface RoundsReport {
  readonly hits: number;
  readonly wrong: number;
  readonly refused: number;
  /** Bytes of all files together, at most. */
  readonly most: number;
}

const [keys, blocks, rounds] = [6, 40, 250];
const contentOf = (key: number, block: number): Uint8Array => new Uint8Array(1000 + block).fill(key * blocks + block);
const sizeOf = (folder: string): number => readdirSync(folder).reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);

function run(folder: string, budget: number, seed: number): RoundsReport {
  const store = new BlockStore(folder, budget);
  const random = randomOf(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const report = { hits: 0, wrong: 0, refused: 0, most: 0 };
  for (let round = 0; round < rounds; round++) {
    const key = below(keys);
    const file = store.open(`key-${key}`);
    if (!file) report.refused++;
    for (let step = 0; file && step < 20; step++) {
      const [put, block] = [below(blocks), below(blocks)];
      file.put(put, contentOf(key, put));
      const found = file.get(block);
      if (found) report.hits++;
      if (found && Buffer.compare(found, contentOf(key, block)) !== 0) report.wrong++;
    }
    report.most = Math.max(report.most, sizeOf(folder));
    file?.close();
  }
  return report;
}

const [folder, budget, seed] = process.argv.slice(2);
if (folder !== undefined) process.stdout.write(JSON.stringify(run(folder, Number(budget), Number(seed))));
