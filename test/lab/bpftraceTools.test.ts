import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Analysis } from "../../src/bpflang/analysis";
import { check } from "../../src/bpflang/check";
import { compilerFindings } from "../../src/bpflang/compilerMessages";
import type { Finding } from "../../src/bpflang/finding";
import { parseProgram } from "../../src/bpflang/parseProgram";
import { checkArguments } from "../../src/bpftrace/bpftraceSyntax";
import { parseBpftraceVersion } from "../../src/bpftrace/bpftraceVersion";
import { Btf } from "../../src/btf/btf";
import { TypeSet } from "../../src/btf/typeSet";
import { debugFiles } from "./debugFiles";
import { ensureDebug } from "./ensureDebug";
import { fullKernels } from "./labKernel";

const environment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, BPFTRACE_COLOR: "never" };

/** The tools of the distribution's own package, as they came. */
const tools = (): string[] => execFileSync("dpkg", ["--listfiles", "bpftrace"], { encoding: "utf8" }).split("\n").filter((file) => file.endsWith(".bt"));

/** bpftrace reads the types of the kernel that it is told of, whatever kernel runs here. */
function theirFindings(text: string, btf: string, version: NonNullable<ReturnType<typeof parseBpftraceVersion>>): readonly Finding[] {
  const args = [`BPFTRACE_BTF=${btf}`, "bpftrace", ...checkArguments(version), "-e", text];
  const { stderr } = process.getuid?.() === 0 ? spawnSync("env", args, { encoding: "utf8", env: environment }) : spawnSync("sudo", ["-n", "env", ...args], { encoding: "utf8", env: environment });
  return compilerFindings(stderr, text).filter(({ severity }) => severity === "error");
}

const lineOf = (text: string, { start }: Finding): number => text.slice(0, start).split("\n").length;

/** Events are looked for in the tracefs of this machine, symbols in its kallsyms, which tell nothing of the other kernel: such tools only must have no diagnostics of ours. */
const ofThisMachine = (text: string, { message }: Finding): boolean => /\btracepoint:/.test(text) || message.includes("Failed to resolve kernel symbol");

for (const kernel of fullKernels) describe(`bpftrace's own tools, for the kernel ${kernel}`, function () {
  this.timeout(600_000);
  const folder = mkdtempSync(join(tmpdir(), "knetscope-tools-"));
  const btf = join(folder, "btf");

  before(async function () {
    this.timeout(1_800_000);
    await ensureDebug(kernel);
    execFileSync("objcopy", ["--dump-section", `.BTF=${btf}`, debugFiles(kernel).vmlinux!, "/dev/null"], { stdio: "ignore" });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("have no diagnostics where bpftrace has none, and the same first reason where it has", () => {
    const version = parseBpftraceVersion(execFileSync("bpftrace", ["--version"], { encoding: "utf8", env: environment }));
    assert.ok(version);
    const knowledge = { name: kernel, version, types: new TypeSet(Btf.parse(readFileSync(btf), btf)) };
    const files = tools();
    assert.ok(files.length >= 30, `${files.length} tools`);
    for (const file of files) {
      const text = readFileSync(file, "utf8");
      const [ours] = check(new Analysis(parseProgram(text), knowledge)).filter(({ severity }) => severity === "error");
      const [theirs] = theirFindings(text, btf, version);
      if (theirs && ofThisMachine(text, theirs)) assert.equal(ours, undefined, basename(file));
      else assert.equal(ours && lineOf(text, ours), theirs && lineOf(text, theirs), `${basename(file)}: ${ours?.message ?? "nothing"} | ${theirs?.message ?? "nothing"}`);
    }
  });
});
