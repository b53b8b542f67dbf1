import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildId } from "../../src/base/brands";
import { DebuginfodClient } from "../../src/debuginfod/debuginfodClient";
import { openElf } from "../../src/elf/elfFile";
import type { HostFacts } from "../../src/probes/hostFacts";
import { BlockStore } from "../../src/symbolize/blockStore";
import { findByBuildId, findModule, findVmlinux, type FoundDebuginfo } from "../../src/symbolize/findDebuginfo";
import { findModuleFile } from "../../src/symbolize/moduleFiles";
import { Symbolizer } from "../../src/symbolize/symbolizer";
import { debuginfodServer } from "../support/debuginfodServer";
import { buildIdSection } from "../support/elfWriter";
import { kernelStart, sampleKernel, writeKernel } from "../support/kernelFixture";
import { memoryFile, read } from "../support/memoryFile";
import { recordedTarget, type RecordedOptions } from "../support/recordedTarget";

const id = buildId(sampleKernel().buildId!);
const otherId = buildId("ee".repeat(20));
const exact = writeKernel(sampleKernel());
const other = writeKernel(sampleKernel({ buildId: otherId }));
const stripped = writeKernel(sampleKernel({ transform: () => [] }));
const release = "6.1.0-99-knetscope-test";
const facts: HostFacts = {
  release, version: "", machine: "x86_64", endianness: "little", wordSize: 8, os: { name: "Debian", id: "debian", versionId: "12" },
  buildId: id, bootId: "", uid: 0, user: "root", programs: {},
};
const note = buildIdSection(id).bytes!;
const noteRecording = { argv: /\/sys\/module\/nf_conntrack\/notes/, stdout: note };

describe("findDebuginfo", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "knetscope-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const put = (path: string, bytes: Uint8Array): string => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    return file;
  };
  const target = (options: RecordedOptions = {}) => recordedTarget({ name: "lab", ...options });
  const vmlinux = (setting?: string, options: RecordedOptions = {}, own: Partial<HostFacts> = {}): Promise<FoundDebuginfo> =>
    findVmlinux({ target: target(options), facts: { ...facts, ...own }, options: setting === undefined ? {} : { vmlinux: setting } });
  const module = (options: { modules?: string; vmlinux?: string }, recorded: RecordedOptions): Promise<FoundDebuginfo> =>
    findModule({ target: target(recorded), facts, options, name: "nf_conntrack" });
  const origin = (found: FoundDebuginfo): string => (found.state === "found" ? found.origin : found.message);

  describe("of a build that a trace names", () => {
    const ofTrace = (named: typeof id, module?: string): Promise<FoundDebuginfo> =>
      findByBuildId({ target: target(), facts: { ...facts, buildId: buildId("11".repeat(20)) }, options: { vmlinux: folder } }, named, module);
    for (const place of ["usr/lib/debug/boot/vmlinux-5.4.0-knetscope-other", "vmlinux-5.4.0-knetscope-other", "vmlinux", `usr/lib/debug/.build-id/${otherId.slice(0, 2)}/${otherId.slice(2)}.debug`]) {
      it(`takes ${place}, whatever the host runs`, async () => {
        put(`boot/vmlinux-${release}`, exact);
        const file = put(place, other);
        assert.equal(origin(await ofTrace(otherId)), file);
      });
    }
    it("takes a module of any release", async () => {
      put("lib/modules/6.1/kernel/nf_conntrack.ko", exact);
      const file = put("lib/modules/5.4/kernel/nf_conntrack.ko.debug", other);
      assert.equal(origin(await ofTrace(otherId, "nf_conntrack")), file);
    });
    it("is not there when only other builds are, which are none's mistake", async () => {
      put("vmlinux", exact);
      const found = await ofTrace(otherId);
      assert.deepEqual([found.state, origin(found)], ["not-found", `No debuginfo of the kernel of the trace (build id ${otherId}) was found on this machine or on lab.`]);
    });
  });

  it("takes the file that the settings name", async () => {
    const file = put("my-vmlinux", exact);
    const found = await vmlinux(file);
    assert.ok(found.state === "found");
    assert.deepEqual([found.origin, found.debugFile, found.cost], [file, { file, buildId: id }, undefined]);
  });

  for (const place of ["vmlinux", `boot/vmlinux-${release}`, `usr/lib/debug/boot/vmlinux-${release}`, `usr/lib/debug/lib/modules/${release}/vmlinux`, `.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`]) {
    it(`finds ${place} in a folder that the settings name`, async () => assert.equal(origin(await vmlinux((put(place, exact), folder))), join(folder, place)));
  }

  it("goes on behind a file of another build and a stripped one", async () => {
    put("vmlinux", other);
    put(`boot/vmlinux-${release}`, stripped);
    const last = put(`usr/lib/debug/boot/vmlinux-${release}`, exact);
    assert.equal(origin(await vmlinux(folder)), last);
  });

  it("refuses a file of another build with both ids and the command for the right one", async () => {
    const file = put("vmlinux", other);
    const found = await vmlinux(folder);
    assert.ok(found.state === "mismatch");
    assert.deepEqual([found.expected, found.found, found.remedy?.command], [id, otherId, `sudo apt-get install linux-image-${release}-dbg`]);
    for (const part of [file, id, otherId, "lab"]) assert.ok(found.message.includes(part), found.message);
  });

  it("reads a file of the target in place, by ranges", async () => {
    const path = `/usr/lib/debug/boot/vmlinux-${release}`;
    const found = await vmlinux(undefined, { files: { [`/boot/vmlinux-${release}`]: other, [path]: exact } });
    assert.ok(found.state === "found");
    assert.equal(found.origin, `lab:${path}`);
    const symbolizer = new Symbolizer({ vmlinux: found.debugFile, modules: () => Promise.resolve(undefined) }, { worker: "in-process" });
    const [answer] = await symbolizer.resolve([{ symbol: "tcp_send", offset: 1, kind: "exact", reliable: true }]);
    assert.equal(answer!.frames[0]!.source!.line, 110);
    await symbolizer.dispose();
  });

  it("prefers this machine to the target", async () => {
    const file = put("vmlinux", exact);
    assert.equal(origin(await vmlinux(file, { files: { [`/usr/lib/debug/boot/vmlinux-${release}`]: exact } })), file);
  });

  it("uses nothing when the running kernel's build id is unknown", async () => {
    const unknown = Object.fromEntries(Object.entries(facts).filter(([key]) => key !== "buildId")) as unknown as HostFacts;
    const found = await findVmlinux({ target: target(), facts: unknown, options: { vmlinux: put("vmlinux", exact) } });
    assert.ok(found.state === "mismatch" && found.message.includes("cannot be read"));
  });

  const remedies: readonly [id: string, release: string, command: string][] = [
    ["debian", "6.1.0-56-cloud-amd64", "sudo apt-get install linux-image-6.1.0-56-cloud-amd64-dbg"],
    ["ubuntu", "6.8.0-45-generic", "sudo apt-get install linux-image-unsigned-6.8.0-45-generic-dbgsym"],
    ["fedora", "6.5.6-300.fc39.x86_64", "sudo dnf debuginfo-install kernel-6.5.6-300.fc39.x86_64"],
    ["sles", "6.4.0-150600.21-default", "sudo zypper --plus-content debug install kernel-default-debuginfo"],
    ["ol", "5.15.0-200.131.27.el8uek.x86_64", "sudo dnf debuginfo-install kernel-uek-5.15.0-200.131.27.el8uek.x86_64"],
    ["arch", "6.6.1-arch1-1", `DEBUGINFOD_URLS=https://debuginfod.archlinux.org debuginfod-find debuginfo ${id}`],
    ["alpine", "6.6.1-0-lts", `debuginfod-find debuginfo ${id}`],
    // A release is the host's word; it becomes no part of a command unless it looks like one.
    ["debian", "6.1; rm -rf ~", `DEBUGINFOD_URLS=https://debuginfod.debian.net debuginfod-find debuginfo ${id}`],
  ];
  for (const [os, own] of [["debian", "6.18.44-mine"], ["ubuntu", "6.9.0-rc3+"], ["fedora", "6.9.0"]] as const) {
    it(`names no package for a kernel built by hand: ${os} ${own}`, async () => {
      const found = await vmlinux(undefined, {}, { release: own, os: { name: os, id: os, versionId: "" } });
      assert.ok(found.state === "not-found");
      assert.equal(found.remedy?.command, undefined);
      assert.match(found.remedy?.title ?? "", new RegExp(`not named as the kernels of ${os} are: name the vmlinux of its build`));
    });
  }

  for (const [os, own, command] of remedies) {
    it(`says how to get it: ${os} ${own}`, async () => {
      const found = await vmlinux(undefined, {}, { release: own, os: { name: os, id: os, versionId: "" } });
      assert.ok(found.state === "not-found");
      assert.equal(found.remedy?.command, command);
      assert.match(found.message, /^No debuginfo of the kernel .* was found on this machine or on lab/);
    });
  }

  it("says that the setting names nothing", async () => {
    const found = await vmlinux(join(folder, "absent"));
    assert.ok(found.state === "not-found" && found.message.includes(join(folder, "absent")));
  });

  it("finds a module in a folder of the settings, and beside the vmlinux they name", async () => {
    const file = put(`lib/modules/${release}/kernel/net/netfilter/nf-conntrack.ko`, exact);
    const boot = put(`boot/vmlinux-${release}`, other);
    assert.equal(origin(await module({ modules: folder }, { recordings: [noteRecording] })), file);
    assert.equal(origin(await module({ vmlinux: boot }, { recordings: [noteRecording] })), file);
    assert.equal(await findModuleFile(folder, "nf_conntrack"), file);
    assert.equal(await findModuleFile(folder, "nf_conn"), undefined);
  });

  it("prefers a module's separate debug file", async () => {
    put("a/nf_conntrack.ko", exact);
    const debug = put("b/nf_conntrack.ko.debug", exact);
    assert.equal(await findModuleFile(folder, "nf_conntrack"), debug);
  });

  it("finds a module on the target", async () => {
    const path = `/usr/lib/debug/lib/modules/${release}/kernel/net/netfilter/nf_conntrack.ko`;
    const find = { argv: /^find .*nf\[-_\]conntrack\.ko\*/, stdout: `/lib/modules/${release}/kernel/net/netfilter/nf_conntrack.ko.xz\n${path}\n`, code: 1 };
    assert.equal(origin(await module({}, { recordings: [noteRecording, find], files: { [path]: exact } })), `lab:${path}`);
  });

  it("says that a module of another build, a damaged packed one, or one that is not loaded cannot be used", async () => {
    const find = { argv: /^find/, stdout: "" };
    put("nf_conntrack.ko", other);
    assert.equal((await module({ modules: folder }, { recordings: [noteRecording, find] })).state, "mismatch");
    rmSync(join(folder, "nf_conntrack.ko"));
    put("nf_conntrack.ko.xz", Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0));
    assert.match(origin(await module({ modules: folder }, { recordings: [noteRecording, find] })), /nf_conntrack\.ko\.xz: cannot be unpacked \(xz/);
    assert.match(origin(await module({}, { recordings: [{ argv: /^cat/, code: 1 }] })), /not loaded, or is built into the kernel/);
  });

  it("unpacks a packed module once, here or from the target, and keeps it by its build id", async () => {
    const cache = process.env.KNETSCOPE_CACHE;
    process.env.KNETSCOPE_CACHE = join(folder, "cache");
    try {
      const kept = join(folder, "cache/debuginfo", id, "debuginfo");
      const path = `/lib/modules/${release}/kernel/net/netfilter/nf_conntrack.ko.gz`;
      const find = { argv: /^find/, stdout: `${path}\n` };
      const recorded = { recordings: [noteRecording, find], files: { [path]: gzipSync(exact) } };
      const found = await module({}, recorded);
      assert.deepEqual([found.state === "found" && found.debugFile.file, Uint8Array.from(readFileSync(kept))], [kept, Uint8Array.from(exact)]);
      assert.match(found.attempts.map(({ place, outcome }) => `${place}: ${outcome}`).join("; "), /lab:.*nf_conntrack\.ko\.gz: exact, unpacked here$/);
      assert.equal(origin(await module({}, { recordings: [noteRecording, find] })), kept);
      rmSync(join(folder, "cache"), { recursive: true });
      const packed = put("modules/nf-conntrack.ko.gz", gzipSync(exact));
      assert.equal(origin(await module({ modules: join(folder, "modules") }, { recordings: [noteRecording, find] })), packed);
      assert.equal(existsSync(kept), true);
    } finally {
      if (cache === undefined) delete process.env.KNETSCOPE_CACHE;
      else process.env.KNETSCOPE_CACHE = cache;
    }
  });

  it("keeps what was read of a target's file: the second time only its presence is asked", async () => {
    const files = { [`/usr/lib/debug/boot/vmlinux-${release}`]: exact };
    const blocks = new BlockStore(join(folder, "blocks"));
    const look = async (): Promise<FoundDebuginfo> => findVmlinux({ target: target({ files }), facts, options: {}, blocks });
    const [first, second] = [await look(), await look()];
    assert.ok(first.state === "found" && second.state === "found");
    assert.ok(first.cost!.bytes >= exact.length, `${first.cost!.bytes}`);
    assert.deepEqual([second.cost!.bytes, second.cost!.reads], [0, 0]);
  });

  it("asks the servers last, by ranges where they have them, and says what each place gave", async () => {
    const padded = Buffer.concat([exact, new Uint8Array(5 * 2 ** 20)]);
    for (const ranges of [true, false]) {
      const server = await debuginfodServer({ ranges, files: { [`${id}/debuginfo`]: padded } });
      const settings = { servers: [server.url], cacheFolder: join(folder, `cache-${ranges}`), timeoutMs: 5000, maxBytes: undefined };
      const found = await findVmlinux({ target: target(), facts, options: { vmlinux: put("vmlinux", other) }, debuginfod: new DebuginfodClient(settings) });
      await server.close();
      assert.ok(found.state === "found");
      assert.equal(typeof found.debugFile.file, ranges ? "object" : "string");
      assert.deepEqual(found.attempts.map(({ place, outcome }) => [place, outcome]), [
        [join(folder, "vmlinux"), `of another build (${otherId})`], ["this machine", found.attempts[1]!.outcome], ["lab", found.attempts[2]!.outcome], [`${server.url}/buildid/${id}/debuginfo`, "exact"],
      ]);
      assert.equal(existsSync(join(folder, `cache-${ranges}`, id, "debuginfo")), !ranges);
      // The headers are at the end of this small file; a part of the rest was read at most.
      if (ranges) assert.ok(found.cost!.bytes < padded.length / 2, `${found.cost!.bytes}`);
    }
  });

  it("puts a kernel together from sections, and reads those that it needs", async () => {
    const elf = read(openElf(memoryFile(exact)));
    const sections = elf.sections.filter(({ name, type }) => name !== "" && type !== 8).map(({ name, offset, size }) => [`${id}/section/${name}`, exact.slice(offset, offset + size)] as const);
    const headers = Buffer.alloc(5 * 2 ** 20);
    headers.set(exact.subarray(0, 64));
    withCodeSegment(headers, kernelStart, 0x1000n);
    const server = await debuginfodServer({ files: { [`${id}/debuginfo`]: headers, ...Object.fromEntries(sections) } });
    try {
      const settings = { servers: [server.url], cacheFolder: join(folder, "cache"), timeoutMs: 5000, maxBytes: undefined };
      const found = await findVmlinux({ target: target(), facts, options: {}, debuginfod: new DebuginfodClient(settings) });
      assert.ok(found.state === "found", JSON.stringify(found));
      assert.equal(existsSync(join(folder, "cache", id, "section-.debug_line")), false);
      const symbolizer = new Symbolizer({ vmlinux: found.debugFile, modules: () => Promise.resolve(undefined) }, { worker: "in-process" });
      const [answer] = await symbolizer.resolve([{ symbol: "tcp_send", offset: 1, kind: "exact", reliable: true }]);
      assert.equal(answer!.frames[0]?.source?.line, 110, answer!.message);
      await symbolizer.dispose();
      assert.equal(existsSync(join(folder, "cache", id, "section-.debug_line")), true);
      assert.equal(existsSync(join(folder, "cache", id, "debuginfo")), false);
    } finally {
      await server.close();
    }
  });
});

/** Program headers as a linker writes them behind the ELF header: one executable segment. */
function withCodeSegment(file: Buffer, address: bigint, size: bigint): void {
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, 64);
  file.writeUInt32LE(5, 68);
  file.writeBigUInt64LE(address, 64 + 16);
  file.writeBigUInt64LE(size, 64 + 40);
}
