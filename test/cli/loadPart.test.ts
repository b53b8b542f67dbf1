import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildSync } from "esbuild";

describe("loadPart", () => {
  const folder = mkdtempSync(join(tmpdir(), "knetscope-part-"));
  const kept = (): string[] => {
    try {
      return readdirSync(join(folder, "cache/code")).map((name) => join(folder, "cache/code", name));
    } catch {
      return [];
    }
  };
  const run = (...words: readonly string[]): string => execFileSync(process.execPath, [join(folder, "start.js"), ...words], { encoding: "utf8", env: { ...process.env, KNETSCOPE_CACHE: join(folder, "cache") } });
  /** What V8 says of the kept code: it refuses code of another script, of other flags, and what is damaged. */
  const isTaken = (): boolean => run("--tell").includes("refused: false");

  before(() => {
    const entry = `
      import { Script } from "node:vm";
      import { loadPart } from ${JSON.stringify(resolve("src/cli/loadPart"))};
      if (process.argv[2] === "--tell") { const run = Script.prototype.runInThisContext; Script.prototype.runInThisContext = function (...more) { console.log("refused: " + this.cachedDataRejected); return run.apply(this, more); }; }
      loadPart("part", 1_000_000).greet();`;
    buildSync({ stdin: { contents: entry, resolveDir: process.cwd(), loader: "ts" }, bundle: true, platform: "node", outfile: join(folder, "start.js"), logLevel: "error" });
    writeFileSync(join(folder, "other.js"), "exports.name = 'world';");
    writeFileSync(join(folder, "part.js"), "const { name } = require('./other.js'); module.exports = { greet: () => console.log('hello ' + name + ' of ' + require('node:path').basename(__filename) + ' in ' + (__dirname === require('node:path').dirname(__filename))) };");
  });
  after(() => rmSync(folder, { recursive: true }));

  it("runs a bundle as require does, keeps its code, and takes it the next time", () => {
    assert.equal(run(), "hello world of part.js in true\n");
    assert.equal(kept().length, 1);
    assert.ok(isTaken());
    assert.equal(run(), "hello world of part.js in true\n");
  });

  it("does without kept code that is cut off or another's, and keeps it anew", () => {
    const [file = ""] = kept();
    const sound = readFileSync(file);
    for (const bytes of [sound.subarray(0, 2), sound.subarray(0, sound.length >> 1), Buffer.alloc(sound.length), Buffer.concat([sound.subarray(0, 4), Buffer.from("no code")]), sound.map((byte, at) => (at === sound.length >> 1 ? byte ^ 0xff : byte))]) {
      writeFileSync(file, bytes);
      assert.equal(run(), "hello world of part.js in true\n");
      assert.ok(isTaken(), "nothing sound was kept");
    }
  });

  it("does not take the code of a bundle that was built anew", () => {
    writeFileSync(join(folder, "part.js"), "module.exports = { greet: () => console.log('other words') };");
    assert.equal(run(), "other words\n");
  });

  it("works where nothing can be kept", () => {
    rmSync(join(folder, "cache"), { recursive: true });
    writeFileSync(join(folder, "cache"), "a file, no folder");
    assert.equal(run(), "other words\n");
    rmSync(join(folder, "cache"));
  });
});
