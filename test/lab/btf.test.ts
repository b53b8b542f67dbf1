import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Btf } from "../../src/btf/btf";
import { btfRawDump } from "../support/btfRawDump";
import { debugFiles } from "./debugFiles";
import { ensureDebug } from "./ensureDebug";
import { fullKernels } from "./labKernel";

for (const kernel of fullKernels) describe(`BTF of the lab's ${kernel}`, function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), "knetscope-btf-"));

  before(async function () {
    this.timeout(1_800_000);
    await ensureDebug(kernel);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is read as bpftool reads it, type by type", () => {
    const file = join(folder, "btf");
    execFileSync("objcopy", ["--dump-section", `.BTF=${file}`, debugFiles(kernel).vmlinux!, "/dev/null"], { stdio: "ignore" });
    const theirs = execFileSync("bpftool", ["btf", "dump", "file", file, "format", "raw"], { encoding: "utf8", maxBuffer: 1 << 28, env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
    const ours = btfRawDump(Btf.parse(readFileSync(file), "vmlinux"));
    const [left, right] = [theirs.split("\n"), ours.split("\n")];
    const at = left.findIndex((line, index) => line !== right[index]);
    assert.equal(at < 0 ? "no difference" : `line ${at + 1}: ${left[at]} | ${right[at]}`, "no difference");
    assert.equal(right.length, left.length);
    assert.ok(left.length > 200_000, `only ${left.length} lines`);
  });
});
