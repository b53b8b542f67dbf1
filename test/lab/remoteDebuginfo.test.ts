import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vaddr } from "../../src/base/brands";
import { openHost } from "../../src/session/openHost";
import type { Host } from "../../src/session/host";
import { resolveInFiles } from "../../src/session/resolveInFiles";
import { parseFrame } from "../../src/stacks/parseFrame";
import type { StackFrame } from "../../src/stacks/stack";
import { findModuleFile } from "../../src/symbolize/moduleFiles";
import { longStack } from "../bench/remoteStack";
import { connectLab } from "../support/labTarget";
import { attachDebuginfo } from "./attachDebuginfo";
import { downLab } from "./downLab";
import { ensureDebug } from "./ensureDebug";
import type { LabState } from "./labState";
import { linkModule } from "./linkModule";
import { ownTarget } from "./ownTarget";
import { upLab } from "./upLab";

describe("debuginfo that only the target has", function () {
  this.timeout(120_000);
  const name = ownTarget("remote-debuginfo-6.1");
  let state: LabState;
  let folder = "";
  const { KNETSCOPE_CACHE: cache } = process.env;

  before(async function () {
    this.timeout(1_800_000);
    // A disk is plugged into it: not the target that people use.
    state = await upLab("6.1", { name });
    folder = mkdtempSync(join(tmpdir(), "knetscope-"));
    process.env.KNETSCOPE_CACHE = folder;
  });

  after(async () => {
    if (cache === undefined) delete process.env.KNETSCOPE_CACHE;
    else process.env.KNETSCOPE_CACHE = cache;
    rmSync(folder, { recursive: true });
    await downLab(name);
  });

  const onHost = async <T>(work: (host: Host) => Promise<T>, user?: string): Promise<T> => {
    const host = await openHost(await connectLab(state, user), { debuginfodUrls: [] });
    try {
      return await work(host);
    } finally {
      await host.dispose();
    }
  };
  const address = (value: bigint): StackFrame => ({ kind: "exact", reliable: true, address: vaddr(value) });

  it("reads the names that dwz has put into a file beside that of a module", async () => {
    const release = state.release;
    const debug = await ensureDebug("6.1");
    for (const name of ["nf_conntrack", "nf_tables"]) await linkModule((await findModuleFile(debug, name))!, join(folder, `${name}.ko.debug`));
    execFileSync("dwz", ["-m", "shared.dwz", "-h", "nf_conntrack.ko.debug", "nf_tables.ko.debug"], { cwd: folder });
    const target = await connectLab(state);
    for (const name of ["shared.dwz", "nf_conntrack.ko.debug"]) await target.run({ argv: ["dd", `of=/lib/modules/${release}/${name}`], stdin: readFileSync(join(folder, name)), privilege: "root" });
    await target.run({ argv: ["modprobe", "nf_conntrack"], privilege: "root" });
    await target.dispose();
    const { answers, uses } = await onHost(async (host) => ({ answers: await host.resolve([parseFrame("nf_conntrack_in+0xd0 [nf_conntrack]")!]), uses: await host.debuginfoUses() }));
    assert.deepEqual(answers[0]!.frames.map(({ function: name }) => name), ["skb_network_header", "skb_network_offset", "resolve_normal_ct", "nf_conntrack_in"]);
    assert.match(uses.at(-1)!.what, /^the supplementary file shared\.dwz of /);
    assert.ok(uses.at(-1)!.cost!.bytes > 0);
  });

  describe("as its distribution installs it", () => {
    before(async () => {
      const target = await connectLab(state);
      await attachDebuginfo(state, target);
      await target.dispose();
    });

    it("gives a first stack of 24 frames for at most 4 MB in 120 reads, the same as from a file here; the second is read of nothing", async () => {
      const first = await onHost(async (host) => ({ answers: await host.resolve(longStack()), uses: await host.debuginfoUses() }));
      assert.deepEqual(first.answers, await resolveInFiles({ vmlinux: state.vmlinux! }, longStack()));
      const { bytes, reads } = first.uses[0]!.cost!;
      assert.ok(bytes <= 4_000_000 && reads <= 120, `${bytes} bytes in ${reads} reads`);
      const second = await onHost(async (host) => ({ answers: await host.resolve(longStack()), uses: await host.debuginfoUses() }));
      assert.deepEqual([second.answers, second.uses[0]!.cost!.bytes], [first.answers, 0]);
    });

    it("understands addresses of the running kernel and of its modules", async () => {
      const target = await connectLab(state);
      await target.run({ argv: ["modprobe", "nf_conntrack"], privilege: "root" });
      const { stdout } = await target.run({ argv: ["grep", "-E", " (tcp_v4_rcv|nf_conntrack_in)(\\s|$)", "/proc/kallsyms"], privilege: "root" });
      await target.dispose();
      const at = (name: string): bigint => BigInt(`0x${new RegExp(`^([0-9a-f]+) . ${name}\\b`, "m").exec(Buffer.from(stdout).toString())![1]}`);
      const [kernel, module] = await onHost((host) => host.resolve([address(at("tcp_v4_rcv") + 0x99bn), address(at("nf_conntrack_in") + 4n)]));
      assert.deepEqual([kernel!.symbol, kernel!.offset, kernel!.frames.at(-1)?.source?.line], ["tcp_v4_rcv", 0x99b, 2149]);
      assert.deepEqual([module!.symbol, module!.module, module!.status, module!.frames.at(-1)?.source?.file], ["nf_conntrack_in", "nf_conntrack", "ok", "net/netfilter/nf_conntrack_core.c"]);
    });

    it("refuses a mistyped name, and takes a function for its clone, without the file's symbol table", async () => {
      const { answers, uses } = await onHost(async (host) => ({ answers: await host.resolve(["tcp_v4_recv+0x10", "tcp_v4_rcv.isra.7+0x99b"].map((text) => parseFrame(text)!)), uses: await host.debuginfoUses() }));
      assert.deepEqual(answers.map(({ status, symbol }) => [status, symbol]), [["unknown-symbol", "tcp_v4_recv"], ["ok", "tcp_v4_rcv"]]);
      assert.ok(uses[0]!.cost!.bytes < 1_000_000, `${uses[0]!.cost!.bytes} bytes`);
    });

    it("does without kallsyms where the user may not see addresses: then the file's own symbols are read", async () => {
      rmSync(join(folder, "symbols"), { recursive: true, force: true });
      const [answer] = await onHost((host) => host.resolve([parseFrame("tcp_v4_rcv+0x99b")!]), "knet-plain");
      assert.deepEqual([answer!.status, answer!.frames.at(-1)?.source?.line], ["ok", 2149]);
      assert.throws(() => readFileSync(join(folder, "symbols")));
    });
  });
});
