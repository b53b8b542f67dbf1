import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { buildId } from "../../src/base/brands";
import type { HostFacts } from "../../src/probes/hostFacts";
import { parseFrame } from "../../src/stacks/parseFrame";
import { findModule, findVmlinux } from "../../src/symbolize/findDebuginfo";
import { Symbolizer } from "../../src/symbolize/symbolizer";
import { recordedTarget } from "../support/recordedTarget";
import { runOracle } from "../symbolize/oracle/runOracle";
import { ensureDebug } from "./ensureDebug";
import { fullKernels } from "./labKernel";

const seed = 20;

for (const kernel of fullKernels) describe(`the symbolizer on the debuginfo of the lab's ${kernel}`, function () {
  this.timeout(300_000);
  let [debug, vmlinux, release] = ["", "", ""];

  before(async function () {
    this.timeout(1_800_000);
    debug = join(await ensureDebug(kernel), "usr/lib/debug");
    release = readdirSync(join(debug, "boot")).find((name) => name.startsWith("vmlinux-"))!.slice("vmlinux-".length);
    vmlinux = join(debug, "boot", `vmlinux-${release}`);
  });

  it(`answers as binutils, LLVM and elfutils where they agree (seed ${seed})`, async () => {
    const { counts, remarks } = await runOracle({ vmlinux, modules: join(debug, "lib/modules", release), seed, count: 600 });
    assert.deepEqual(remarks.filter(({ comparison }) => comparison === "differs").map(({ text }) => text), []);
    assert.ok((counts.get("same") ?? 0) > 1000, `only ${counts.get("same")} agreed answers`);
  });

  it("finds the kernel's and a module's debuginfo by their build ids, and refuses those of another build", async () => {
    const idOf = (file: string): string => /Build ID: ([0-9a-f]+)/.exec(execFileSync("readelf", ["-n", file], { encoding: "latin1", stdio: ["ignore", "pipe", "ignore"] }))![1]!;
    const module = execFileSync("find", [join(debug, "lib/modules"), "-name", "nf_conntrack.ko"], { encoding: "utf8" }).trim();
    const note = Buffer.concat([Buffer.from("040000001400000003000000474e5500", "hex"), Buffer.from(idOf(module), "hex")]);
    const target = recordedTarget({ recordings: [{ argv: /nf_conntrack.notes/, stdout: note }] });
    const facts: HostFacts = {
      release, version: "", machine: "x86_64", endianness: "little", wordSize: 8, os: { name: "Debian", id: "debian", versionId: "12" },
      buildId: buildId(idOf(vmlinux)), bootId: "", uid: 0, user: "root", programs: {},
    };
    const search = { target, facts, options: { vmlinux: debug } };
    const [kernel, conntrack] = [await findVmlinux(search), await findModule({ ...search, name: "nf_conntrack" })];
    assert.deepEqual([kernel.state === "found" && kernel.origin, conntrack.state === "found" && conntrack.origin], [vmlinux, module]);
    const other = await findVmlinux({ ...search, facts: { ...facts, buildId: buildId("ab".repeat(20)) } });
    assert.equal(other.state, "mismatch");
  });

  it("reads a small part of a vmlinux that is elsewhere", async () => {
    const descriptor = openSync(vmlinux, "r");
    let bytes = 0;
    const source = {
      name: `elsewhere:${vmlinux}`,
      size: fstatSync(descriptor).size,
      read: (offset: number, length: number): Promise<Uint8Array> => {
        const buffer = new Uint8Array(length);
        bytes += readSync(descriptor, buffer, 0, length, offset);
        return Promise.resolve(buffer);
      },
      close: () => {
        closeSync(descriptor);
        return Promise.resolve();
      },
    };
    const symbolizer = new Symbolizer({ vmlinux: { file: source }, modules: () => Promise.resolve(undefined) }, { worker: "in-process" });
    const [answer] = await symbolizer.resolve([parseFrame("tcp_v4_rcv+0x10")!]);
    await symbolizer.dispose();
    assert.deepEqual([answer!.status, answer!.frames.at(-1)?.source?.file], ["ok", "net/ipv4/tcp_ipv4.c"]);
    // Most of it is the symbol table.
    assert.ok(bytes < source.size / 30, `${bytes} bytes of ${source.size} were read`);
  });
});
