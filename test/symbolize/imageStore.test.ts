import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Image } from "../../src/symbolize/image";
import { ImageStore } from "../../src/symbolize/imageStore";
import { sampleKernel, writeKernel } from "../support/kernelFixture";

describe("ImageStore", () => {
  let folder = "";
  before(() => (folder = mkdtempSync(join(tmpdir(), "knetscope-"))));
  after(() => rmSync(folder, { recursive: true }));

  /** Whether a module that is installed between two looks is found, and how often it was looked for. */
  async function looks(again: number): Promise<readonly [found: boolean[], searches: number]> {
    let [installed, searches] = [false, 0];
    const file = join(folder, "late.ko");
    writeFileSync(file, writeKernel(sampleKernel()));
    const store = new ImageStore({ modules: () => (searches++, Promise.resolve(installed ? { file } : undefined)) }, again);
    const found: boolean[] = [];
    for (const state of [false, false, true, true]) {
      installed = state;
      store.lookAgain();
      found.push((await store.image("late")) instanceof Image);
    }
    await store.close();
    return [found, searches];
  }

  it("looks again for a module that was not found, and never for one that was", async () => {
    assert.deepEqual(await looks(0), [[false, false, true, true], 3]);
  });

  it("does not look again for a while", async () => {
    assert.deepEqual(await looks(60_000), [[false, false, false, false], 1]);
  });
});
