import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildId } from "../../src/base/brands";
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

  it("asks no server when none is configured", async () => {
    const vmlinux = join(folder, "vmlinux");
    writeFileSync(vmlinux, writeKernel(sampleKernel()));
    const symbols = new KernelSymbols(recordedTarget({ name: "lab" }), facts, { vmlinux, debuginfodUrls: [] });
    assert.equal(await symbols.source("net/ipv4/tcp.c"), undefined);
    await symbols.dispose();
  });
});
