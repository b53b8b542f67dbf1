import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { helperBinaries } from "../../src/probes/helperBinaries";

const buildScript = join(import.meta.dirname, "../../tools/helper/build.sh");
const compilers: Readonly<Record<string, string>> = { x86_64: "gcc", aarch64: "aarch64-linux-gnu-gcc" };

function versionOf(compiler: string): string {
  try {
    return execFileSync(compiler, ["--version"], { encoding: "utf8" }).split("\n")[0] ?? "";
  } catch {
    return assert.fail(`this test needs ${compiler} (Debian: gcc, gcc-aarch64-linux-gnu)`);
  }
}

describe("the static helper", () => {
  for (const [machine, { compiler, base64 }] of Object.entries(helperBinaries)) {
    it(`for ${machine} is what its source gives`, () => {
      const here = versionOf(compilers[machine] ?? machine);
      const folder = mkdtempSync(join(tmpdir(), "knetscope-helper-"));
      try {
        execFileSync(buildScript, [machine, join(folder, "pump")]);
        const built = readFileSync(join(folder, "pump")).toString("base64");
        assert.ok(built === base64, `the bytes differ; they were built by “${compiler}”, here by “${here}”: run tools/helper/generate.mjs`);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it(`for ${machine} is small`, () => assert.ok(Buffer.byteLength(base64, "base64") < 4096));
  }
});
