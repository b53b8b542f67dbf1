import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildId, vaddr } from "../../src/base/brands";
import type { HostFacts } from "../../src/probes/hostFacts";
import { KernelSymbols } from "../../src/session/kernelSymbols";
import { parseFrame } from "../../src/stacks/parseFrame";
import { debuginfodServer } from "../support/debuginfodServer";
import { sampleKernel, writeKernel } from "../support/kernelFixture";
import { recordedTarget } from "../support/recordedTarget";

const id = buildId(sampleKernel().buildId!);
const facts: HostFacts = {
  release: "6.1.0-99-knetscope-test", version: "", machine: "x86_64", endianness: "little", wordSize: 8, os: { name: "Debian", id: "debian", versionId: "12" },
  buildId: id, bootId: "", uid: 0, user: "root", programs: {},
};

describe("KernelSymbols", () => {
  let folder = "";
  const { DEBUGINFOD_CACHE_PATH: clientCache, KNETSCOPE_CACHE: cache } = process.env;
  const restore = (name: string, value: string | undefined): void => {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "knetscope-"));
    process.env.DEBUGINFOD_CACHE_PATH = join(folder, "client");
    process.env.KNETSCOPE_CACHE = join(folder, "cache");
  });
  afterEach(() => {
    restore("DEBUGINFOD_CACHE_PATH", clientCache);
    restore("KNETSCOPE_CACHE", cache);
    rmSync(folder, { recursive: true });
  });

  it("takes source from a server by the path of the build, and says where debuginfo was looked for", async () => {
    const [spec] = sampleKernel().units;
    const server = await debuginfodServer({ files: { [`${id}/source${spec!.compDir}/net/ipv4/tcp.c`]: Buffer.from("int tcp;\n") } });
    const vmlinux = join(folder, "vmlinux");
    writeFileSync(vmlinux, writeKernel(sampleKernel()));
    const logged: string[] = [];
    const symbols = new KernelSymbols(recordedTarget({ name: "lab" }), facts, { vmlinux, debuginfodUrls: [server.url], log: (line) => logged.push(line) });
    try {
      await symbols.resolve([parseFrame("tcp_send+0x14")!]);
      const source = await symbols.source("net/ipv4/tcp.c");
      assert.deepEqual([source?.text, source?.match, source?.origin.startsWith(folder)], ["int tcp;\n", "release", true]);
      assert.equal(await symbols.source("net/ipv4/absent.c"), undefined);
      assert.deepEqual((await symbols.uses()).map(({ what, attempts }) => [what, attempts.map(({ place, outcome }) => `${place}: ${outcome}`)]), [["the kernel", [`${vmlinux}: exact`]]]);
      assert.deepEqual(logged.map((line) => line.replace(/\d+ ms/, "N ms")), ["lab: debuginfo of the kernel:", `lab:   ${vmlinux}: exact (N ms)`]);
    } finally {
      await symbols.dispose();
      await server.close();
    }
  });

  it("says what the debug information calls the tree", async () => {
    const vmlinux = join(folder, "vmlinux");
    writeFileSync(vmlinux, writeKernel(sampleKernel()));
    const symbols = new KernelSymbols(recordedTarget({ name: "lab" }), facts, { vmlinux, debuginfodUrls: [] });
    try {
      await symbols.resolve([parseFrame("tcp_send+0x14")!]);
      assert.equal(await symbols.buildFolder(), `${sampleKernel().units[0]!.compDir}/`);
    } finally {
      await symbols.dispose();
    }
  });

  it("finds debuginfo that was installed after it was looked for, and says a failure once", async () => {
    const vmlinux = join(folder, "vmlinux");
    const logged: string[] = [];
    const symbols = new KernelSymbols(recordedTarget({ name: "lab" }), facts, { vmlinux, debuginfodUrls: [], log: (line) => logged.push(line) }, 0);
    try {
      const ask = async (): Promise<string> => (await symbols.resolve([parseFrame("tcp_send+0x14")!]))[0]?.status ?? "none";
      assert.deepEqual([await ask(), await ask(), (await symbols.state()).state], ["no-debuginfo", "no-debuginfo", "not-found"]);
      const before = logged.length;
      writeFileSync(vmlinux, writeKernel({ ...sampleKernel(), buildId: "ab".repeat(20) }));
      assert.deepEqual([await ask(), (await symbols.state()).state], ["build-id-mismatch", "mismatch"]);
      writeFileSync(vmlinux, writeKernel(sampleKernel()));
      assert.deepEqual([await ask(), await ask(), (await symbols.state()).state], ["ok", "ok", "exact"]);
      assert.deepEqual((await symbols.uses()).map(({ what, attempts }) => [what, attempts.at(-1)?.outcome]), [["the kernel", "exact"]]);
      assert.equal(logged.filter((line) => line.includes("debuginfo of the kernel")).length, 3);
      assert.ok(before > 0);
    } finally {
      await symbols.dispose();
    }
  });

  it("does not look again with every frame", async () => {
    const vmlinux = join(folder, "vmlinux");
    const symbols = new KernelSymbols(recordedTarget({ name: "lab" }), facts, { vmlinux, debuginfodUrls: [] });
    assert.equal((await symbols.state()).state, "not-found");
    writeFileSync(vmlinux, writeKernel(sampleKernel()));
    assert.equal((await symbols.state()).state, "not-found");
    await symbols.dispose();
  });

  it("names code of a module that came after the symbols were read", async () => {
    const kernel = "ffffffff81000000 T tcp_v4_rcv\nffffffff81ffffff T _etext\nffffffffc0001000 r orc_header\t[old]\n";
    let [modules, text] = ["old", kernel];
    const target = {
      ...recordedTarget({ name: "lab" }),
      run: ({ argv }: { readonly argv: readonly string[] }) => Promise.resolve({ code: 0, stdout: Buffer.from(argv.join(" ").includes("/proc/kallsyms") ? text : modules), stderr: "" }),
    };
    const symbols = new KernelSymbols(target, facts, { debuginfodUrls: [] });
    const stack = [{ symbol: "orc_header", address: vaddr(0xffffffffc0005010n), kind: "exact" as const, reliable: true }];
    assert.deepEqual((await symbols.symbolizeStack(stack)).map(({ symbol, module }) => [symbol, module]), [["orc_header", undefined]]);
    [modules, text] = ["nf_tables\nold", `${kernel}ffffffffc0005000 t nft_do_chain\t[nf_tables]\n`];
    assert.deepEqual((await symbols.symbolizeStack(stack)).map(({ symbol, module, offset }) => [symbol, module, offset]), [["nft_do_chain", "nf_tables", 16]]);
    await symbols.dispose();
  });

  it("asks no server when none is configured", async () => {
    const vmlinux = join(folder, "vmlinux");
    writeFileSync(vmlinux, writeKernel(sampleKernel()));
    const symbols = new KernelSymbols(recordedTarget({ name: "lab" }), facts, { vmlinux, debuginfodUrls: [] });
    assert.equal(await symbols.source("net/ipv4/tcp.c"), undefined);
    await symbols.dispose();
  });
});
