import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { BlockStore } from "../../src/symbolize/blockStore";
import type { RoundsReport } from "../support/blockStoreRounds";

describe("BlockStore, of two processes", function () {
  this.timeout(60_000);
  const budget = 120_000;
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "knetscope-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const rounds = async (seed: number): Promise<RoundsReport> => {
    const script = join(__dirname, "../support/blockStoreRounds.ts");
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", script, folder, String(budget), String(seed)]);
    return JSON.parse(stdout) as RoundsReport;
  };

  it("that write, read and evict at once, gives each block as it was put or not at all, and stays within bounds", async () => {
    const reports = await Promise.all([rounds(1), rounds(2)]);
    for (const { hits, wrong, refused, most } of reports) {
      assert.deepEqual([wrong, refused], [0, 0]);
      assert.ok(hits > 500, `${hits} blocks were found`);
      // Each has one file open, which may grow to a quarter after room was made.
      assert.ok(most <= budget * 1.5, `${most} bytes`);
    }
    assert.ok(readdirSync(folder).length < 6, "none was evicted");
    const last = new BlockStore(folder, budget).open("key-0");
    last?.close();
    assert.ok(readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0) <= budget);
  });
});
