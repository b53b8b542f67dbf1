import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildStep } from "./buildStep";
import { labPaths } from "./labPaths";
import { withLock } from "./withLock";

const quiet = (): void => undefined;

describe("a build step of the lab", () => {
  const output = labPaths.built(`test-step-${process.pid}`);
  const clean = (): void => {
    for (const file of [output, `${output}.stamp`]) rmSync(file, { recursive: true, force: true });
  };
  beforeEach(() => {
    mkdirSync(labPaths.root, { recursive: true });
    clean();
  });
  afterEach(clean);

  it("is done once for a key and again for another", async () => {
    let made = 0;
    const make = (partial: string): Promise<void> => {
      made += 1;
      writeFileSync(partial, String(made));
      return Promise.resolve();
    };
    await buildStep(output, "a", make);
    await buildStep(output, "a", make);
    assert.equal(readFileSync(output, "utf8"), "1");
    await buildStep(output, "b", make);
    assert.equal(readFileSync(output, "utf8"), "2");
  });

  it("leaves nothing under the final name when it fails, and starts clean afterwards", async () => {
    const failing = buildStep(output, "a", (partial) => {
      mkdirSync(partial);
      return Promise.reject(new Error("killed in the middle"));
    });
    await assert.rejects(failing, /killed in the middle/);
    assert.equal(existsSync(output), false);
    await buildStep(output, "a", (partial) => {
      writeFileSync(partial, "whole");
      return Promise.resolve();
    });
    assert.equal(readFileSync(output, "utf8"), "whole");
  });
});

describe("a lock of the lab", function () {
  this.timeout(60_000);

  it("lets one in at a time", async () => {
    let inside = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      assert.equal(inside, 1);
      await new Promise((resolve) => setTimeout(resolve, 50));
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withLock("test-lock", work, quiet)));
  });

  it("is free again when its holder was killed", async () => {
    const code = `require(${JSON.stringify(join(import.meta.dirname, "withLock.ts"))}).withLock("test-lock", () => { console.log("inside"); return new Promise((done) => setTimeout(done, 1e6)); }, () => {})`;
    const holder = spawn(process.execPath, ["--import", "tsx", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
    await once(holder.stdout, "data");
    holder.kill("SIGKILL");
    assert.equal(await withLock("test-lock", () => Promise.resolve("entered"), quiet), "entered");
  });
});
