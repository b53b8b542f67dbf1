import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve as resolvePath } from "node:path";
import esbuild from "esbuild";
import { buildId, vaddr } from "../../src/base/brands";
import { openElf } from "../../src/elf/elfFile";
import { parseFrame } from "../../src/stacks/parseFrame";
import type { FrameKind, StackFrame } from "../../src/stacks/stack";
import type { DebugFile, DebugFiles } from "../../src/symbolize/debugFile";
import type { RangeSource } from "../../src/symbolize/rangeSource";
import type { ResolvedFrame, SourceFrame } from "../../src/symbolize/resolvedFrame";
import { Symbolizer } from "../../src/symbolize/symbolizer";
import { writeElf } from "../support/elfWriter";
import { debugSections, kernelStart, sampleKernel, writeKernel } from "../support/kernelFixture";
import { memoryFile, read } from "../support/memoryFile";

const id = buildId(sampleKernel().buildId!);
const bytes = writeKernel(sampleKernel());
const slide = 0x1e00_0000n;
const kallsyms = (address: bigint, more = ""): Uint8Array => Buffer.from(`${address.toString(16)} T _stext\n${more}`);

/** A file of the sample that is read by ranges; `reads` counts them. */
function remote(content = bytes): RangeSource & { reads: number; closed: boolean } {
  return {
    name: "lab:/vmlinux",
    size: content.length,
    reads: 0,
    closed: false,
    read(offset, length) {
      this.reads++;
      return Promise.resolve(content.slice(offset, offset + length));
    },
    close() {
      this.closed = true;
      return Promise.resolve();
    },
  };
}

const files = (vmlinux: DebugFiles["vmlinux"], more: Partial<DebugFiles> = {}): DebugFiles => ({ vmlinux, modules: () => Promise.resolve(undefined), ...more });
const frame = (text: string, kind: FrameKind = "exact"): StackFrame => ({ ...parseFrame(text)!, kind });
const show = (frames: readonly SourceFrame[]): string =>
  frames.map(({ function: name, source }) => (source ? `${name} ${source.file}:${source.line}${source.column === undefined ? "" : `:${source.column}`}` : name)).join(" < ");

async function resolve(debugFiles: DebugFiles, ...frames: StackFrame[]): Promise<ResolvedFrame[]> {
  const symbolizer = new Symbolizer(debugFiles, { worker: "in-process" });
  try {
    return await symbolizer.resolve(frames);
  } finally {
    await symbolizer.dispose();
  }
}

const one = async (input: StackFrame, debugFiles = files({ file: remote(), buildId: id })): Promise<ResolvedFrame> => (await resolve(debugFiles, input))[0]!;

describe("Symbolizer", () => {
  it("gives the inlined chain with paths from the root of the tree", async () => {
    const answer = await one(frame("tcp_send+0x14/0x50"));
    assert.equal(show(answer.frames), "refcount_inc include/net/sock.h:30:5 < sock_hold include/net/sock.h:77:9 < tcp_send net/ipv4/tcp.c:120:3");
    assert.deepEqual(answer.frames.map(({ inlined }) => inlined), [true, true, false]);
    assert.deepEqual({ ...answer, frames: [] }, { input: "tcp_send+0x14/0x50", lookup: "exact", symbol: "tcp_send", offset: 0x14, size: 0x50, address: vaddr(kernelStart + 0x14n), status: "ok", frames: [] });
  });

  it("looks a return address up at its call, an exact one where it is, and says which", async () => {
    const [exact, caller] = await resolve(files({ file: remote() }), frame("tcp_send+0x30"), frame("tcp_send+0x30", "return"));
    assert.deepEqual([exact!.lookup, show(exact!.frames)], ["exact", "tcp_send net/ipv4/tcp.c:125:8"]);
    assert.deepEqual([caller!.lookup, show(caller!.frames)], ["caller", "sock_hold include/net/sock.h:31:5 < tcp_send net/ipv4/tcp.c:120:3"]);
    assert.equal(caller!.offset, 0x30);
  });

  it("accepts offset == size, which is where a call at a function's end returns to", async () => {
    const [caller, exact] = await resolve(files({ file: remote() }), frame("helper+0x10/0x10", "return"), frame("helper+0x10/0x10"));
    assert.deepEqual([caller!.status, show(caller!.frames), caller!.message], ["ok", "helper net/ipv4/tcp.c:300", undefined]);
    assert.equal(show(exact!.frames), "helper net/ipv4/tcp.c:400");
    assert.match(exact!.message!, /the address of what follows it/);
    assert.equal((await one(frame("helper+0x11/0x10", "return"))).status, "out-of-range");
  });

  it("tells functions of one name apart by their size, and by the run-time address", async () => {
    const debugFiles = files({ file: remote() }, { kallsyms: () => Promise.resolve(kallsyms(kernelStart + slide)) });
    const at = (offset: bigint): StackFrame => ({ ...frame("helper+0x1"), address: vaddr(kernelStart + slide + offset) });
    const [bySize, first, second] = await resolve(debugFiles, frame("helper+0x1/0x20"), at(0x51n), at(0x61n));
    assert.deepEqual([bySize, first, second].map((answer) => show(answer!.frames)), ["helper net/ipv4/tcp.c:400", "helper net/ipv4/tcp.c:300", "helper net/ipv4/tcp.c:400"]);
  });

  it("gives all places of a name when nothing tells which", async () => {
    const answer = await one(frame("helper+0x1"));
    assert.deepEqual(answer.matches?.map(({ address, size, frames }) => [address - kernelStart, size, show(frames)]), [[0x51n, 0x10, "helper net/ipv4/tcp.c:300"], [0x61n, 0x20, "helper net/ipv4/tcp.c:400"]]);
    assert.deepEqual([answer.frames, answer.status], [[], "ok"]);
    assert.match(answer.message!, /2 functions are named helper/);
  });

  it("resolves addresses through the slide of the running kernel, and says when there is none", async () => {
    const address = (value: bigint): StackFrame => ({ kind: "exact", reliable: true, address: vaddr(value) });
    const known = files({ file: remote() }, { kallsyms: () => Promise.resolve(kallsyms(kernelStart + slide)) });
    const slid = await one(address(kernelStart + slide + 0x14n), known);
    assert.deepEqual([slid.symbol, slid.offset, slid.status, slid.message], ["tcp_send", 0x14, "ok", undefined]);
    const plain = await one(address(kernelStart + 0x14n));
    assert.deepEqual([plain.symbol, plain.status], ["tcp_send", "ok"]);
    assert.match(plain.message!, /without KASLR/);
    const hidden = await one(address(kernelStart + slide), files({ file: remote() }, { kallsyms: () => Promise.resolve(kallsyms(0n)) }));
    assert.equal(hidden.status, "unknown-address");
    assert.match(hidden.message!, /hides its addresses/);
    assert.equal((await one(address(kernelStart + slide + 0x10_0000n), known)).status, "unknown-address");
    assert.match((await one(address(kernelStart + 0x14n), known)).message!, /Without KASLR it would be in the kernel's code, but the running kernel was moved by 0x/);
  });

  it("names an address by the running kernel's symbols when there is no debuginfo", async () => {
    const debugFiles = files(undefined, { kallsyms: () => Promise.resolve(kallsyms(kernelStart, `${(kernelStart + 0x50n).toString(16)} T next\n`)) });
    const answer = await one({ kind: "return", reliable: true, address: vaddr(kernelStart + 0x50n) }, debugFiles);
    assert.deepEqual([answer.symbol, answer.offset, answer.size, answer.status], ["_stext", 0x50, 0x50, "no-debuginfo"]);
  });

  it("resolves an address in a module by the name that kallsyms gives it", async () => {
    const text = kallsyms(kernelStart + slide, "ffffffffc0a00000 t tcp_send\t[netmod]\nffffffffc0a00050 t other\t[netmod]\n");
    const asked: string[] = [];
    const debugFiles = files({ file: remote() }, { kallsyms: () => Promise.resolve(text), modules: (name) => Promise.resolve(asked.push(name) ? { file: remote() } : undefined) });
    const answer = await one({ kind: "return", reliable: true, address: vaddr(0xffff_ffff_c0a0_0001n) }, debugFiles);
    assert.deepEqual([answer.symbol, answer.offset, answer.module, answer.lookup, show(answer.frames)], ["tcp_send", 1, "netmod", "caller", "tcp_send net/ipv4/tcp.c:110:1"]);
    assert.deepEqual(asked, ["netmod"]);
  });

  describe("in a stack with functions of one name", () => {
    /** The sample with code: at each offset the bytes given, else NOPs, which are no calls. */
    const withCode = (code: Readonly<Record<number, readonly number[]>>): Uint8Array => {
      const content = Uint8Array.from(bytes);
      const { offset, size } = read(openElf(memoryFile(content))).section(".text")!;
      content.fill(0x90, offset, offset + size);
      for (const [at, own] of Object.entries(code)) content.set(own, offset + Number(at));
      return content;
    };
    const call = (from: number, to: number): number[] => [0xe8, ...new Uint8Array(Int32Array.of(to - from - 5).buffer)];
    const stackOf = async (content: Uint8Array, ...frames: StackFrame[]): Promise<string[]> =>
      (await resolve(files({ file: remote(content) }), ...frames)).map(({ matches, frames: chain, message }) => `${matches ? `${matches.length} matches` : show(chain)}${message === undefined ? "" : `: ${message}`}`);

    it("chooses by the call in the caller", async () => {
      const [callee] = await stackOf(withCode({ 0x20: call(0x20, 0x60) }), frame("helper+0x1"), frame("tcp_send+0x25", "return"));
      assert.equal(callee, "helper net/ipv4/tcp.c:400: Of 2 functions named helper this one is chosen by the call in tcp_send.");
    });

    it("chooses by its own call of the frame above, and by having a call at all", async () => {
      const direct = await stackOf(withCode({ 0x52: call(0x52, 0), 0x62: call(0x62, 0x70) }), frame("tcp_send+0x1"), frame("helper+0x7", "return"));
      assert.equal(direct[1], "helper net/ipv4/tcp.c:300: Of 2 functions named helper this one is chosen by its call of tcp_send.");
      const indirect = await stackOf(withCode({ 0x65: [0xff, 0xd0] }), frame("tcp_send+0x1"), frame("helper+0x7", "return"));
      assert.equal(indirect[1], "helper net/ipv4/tcp.c:400: Of 2 functions named helper this one is chosen as only there a call ends at this address.");
    });

    it("does not choose by a frame that is no caller, that is doubtful, or whose call goes elsewhere", async () => {
      const content = withCode({ 0x20: call(0x20, 0x60), 0x30: call(0x30, 0x10) });
      const unsure: readonly StackFrame[] = [frame("tcp_send+0x25"), { ...frame("tcp_send+0x25", "return"), reliable: false }, frame("tcp_send+0x35", "return")];
      for (const below of unsure) assert.match((await stackOf(content, frame("helper+0x1"), below))[0]!, /^2 matches/);
    });
  });

  it("takes a file of the build that the trace names, and none of its symbols from the running kernel", async () => {
    const named = buildId("ab".repeat(20));
    const asked: unknown[] = [];
    const byBuildId = (own: typeof named, module: string | undefined): Promise<DebugFile | undefined> =>
      Promise.resolve(asked.push([own, module]) > 0 && own === named ? { file: remote(writeKernel(sampleKernel({ buildId: named }))) } : undefined);
    const symbols = (): Promise<never> => Promise.reject(new Error("the running kernel was asked"));
    const debugFiles = files({ file: remote(), buildId: id }, { byBuildId, symbols });
    const answer = await one({ ...frame("tcp_send+0x14/0x50"), buildId: named }, debugFiles);
    assert.deepEqual([answer.status, answer.frames.at(-1)?.function], ["ok", "tcp_send"]);
    const inModule = await one({ ...frame("tcp_send+0x14 [netmod]"), buildId: named }, files(undefined, { byBuildId }));
    assert.equal(inModule.status, "ok");
    assert.deepEqual(asked, [[named, undefined], [named, "netmod"]]);
    assert.equal((await one({ ...frame("tcp_send+0x14"), buildId: buildId("ee".repeat(20)) }, files({ file: remote(), buildId: id }, { byBuildId }))).status, "build-id-mismatch");
  });

  it("takes the function itself for a clone that the file does not have, and says so", async () => {
    const answer = await one(frame("tcp_send.constprop.0+0x14/0x50"));
    assert.deepEqual([answer.symbol, answer.frames.at(-1)?.function], ["tcp_send", "tcp_send"]);
    assert.match(answer.message!, /has no tcp_send\.constprop\.0; this is its tcp_send\. Its size is the same\./);
    assert.equal((await one(frame("tcp_send.constprop.0+0x14/0x44"))).status, "unknown-symbol");
    const spec = sampleKernel();
    const lto = writeKernel({ ...spec, symbols: spec.symbols.map((symbol) => (symbol.name === "tcp_send" ? { ...symbol, name: "tcp_send.llvm.42" } : symbol)) });
    assert.match((await one(frame("tcp_send+0x14"), files({ file: remote(lto) }))).message!, /this is its tcp_send\.llvm\.42\. Their code may differ\./);
  });

  it("tells functions of one name in a module apart by the run-time address", async () => {
    const spec = sampleKernel();
    const start = 0xffff_ffff_c0a0_0000n;
    const text = `${start.toString(16)} t tcp_send\t[netmod]\n${(start + 0x50n).toString(16)} t helper\t[netmod]\n${(start + 0x60n).toString(16)} t helper\t[netmod]\n`;
    const debugFiles = files(undefined, { kallsyms: () => Promise.resolve(Buffer.from(text)), modules: () => Promise.resolve({ file: remote(writeKernel(spec)) }) });
    const answer = await one({ ...frame("helper+0x1 [netmod]"), address: vaddr(start + 0x61n) }, debugFiles);
    assert.equal(show(answer.frames), "helper net/ipv4/tcp.c:400");
  });

  describe("for a file that is elsewhere", () => {
    const text = read(openElf(memoryFile(bytes))).section(".text")!;
    const symbol = (name: string, offset: number, size: number) => ({ name, offset, next: offset + size });
    const known = [symbol("tcp_send", 0, 0x50), symbol("helper", 0x50, 0x10), symbol("helper", 0x60, 0x20)];
    const asking = (span: number, asked: string[][] = []): Partial<DebugFiles> => ({
      symbols: (names) => Promise.resolve({ span, symbols: known.filter(({ name }) => (asked.push([...names]), names.includes(name))) }),
    });

    it("takes the symbols of the running kernel instead of the file's table, all names at once", async () => {
      const asked: string[][] = [];
      const here = await resolve(files({ file: remote() }), frame("tcp_send+0x14/0x50"), frame("helper+0x1/0x20"), frame("helper+0x1"), frame("nosuch+0x1"));
      const there = await resolve(files({ file: remote() }, asking(text.size, asked)), frame("tcp_send+0x14/0x50"), frame("helper+0x1/0x20"), frame("helper+0x1"), frame("nosuch+0x1"));
      assert.deepEqual(there, here);
      assert.deepEqual(asked[0], ["tcp_send", "helper", "nosuch"]);
    });

    it("asks for each of several stacks that are resolved at once, and does not take one's answer for another's", async () => {
      const symbolizer = new Symbolizer(files({ file: remote() }, asking(text.size)), { worker: "in-process" });
      const answers = await Promise.all(["tcp_send+0x14/0x50", "helper+0x1/0x20", "nosuch+0x1"].map((own) => symbolizer.resolve([frame(own)])));
      await symbolizer.dispose();
      assert.deepEqual(answers.map(([answer]) => answer!.status), ["ok", "ok", "unknown-symbol"]);
    });

    it("does not believe them when the running text has another size", async () => {
      const wrong = { ...asking(text.size + 0x2000), kallsyms: () => Promise.resolve(undefined) };
      assert.equal(show((await one(frame("helper+0x1/0x20"), files({ file: remote() }, wrong))).frames), "helper net/ipv4/tcp.c:400");
    });

    it("resolves a run-time address by kallsyms alone", async () => {
      const listed = kallsyms(kernelStart + slide, `${(kernelStart + slide).toString(16)} t tcp_send\n${(kernelStart + slide + 0x50n).toString(16)} t helper\n${(kernelStart + slide + 0x60n).toString(16)} t helper\n${(kernelStart + slide + 0x80n).toString(16)} t end\n`);
      const answer = await one({ kind: "exact", reliable: true, address: vaddr(kernelStart + slide + 0x61n) }, files({ file: remote() }, { ...asking(text.size), kallsyms: () => Promise.resolve(listed) }));
      assert.deepEqual([answer.symbol, answer.offset, answer.size, show(answer.frames)], ["helper", 1, 0x20, "helper net/ipv4/tcp.c:400"]);
    });
  });

  it("names assembler code by its symbol", async () => {
    assert.equal(show((await one(frame("entry+0x9/0x100"))).frames), "entry arch/x86/entry/entry.S:51");
  });

  it("gives a clone its function's name, and an alias the name that was asked for", async () => {
    assert.equal(show((await one(frame("tcp_send.cold+0x2"))).frames), "tcp_send net/ipv4/tcp.c:128");
    const spec = sampleKernel();
    const alias = writeKernel({ ...spec, symbols: [...spec.symbols, { name: "folded", value: kernelStart + 0x50n, section: ".text" }] });
    assert.equal(show((await one(frame("folded+0x2"), files({ file: remote(alias) }))).frames), "folded net/ipv4/tcp.c:300");
  });

  const failures: readonly [what: string, text: string, status: string, message: RegExp][] = [
    ["a name that the file does not have", "nosuch+0x1", "unknown-symbol", /lab:\/vmlinux has no symbol nosuch/],
    ["a size of another build", "tcp_send+0x1/0x999", "out-of-range", /its size is 0x50 there/],
    ["an offset outside of the symbol", "tcp_send+0x999", "out-of-range", /0x999 lies outside of tcp_send, whose size is 0x50/],
    ["code without a line", "entry+0x80", "no-line", /no line for this place in entry/],
    ["the build id of another kernel in the trace", `tcp_send+0x1 [vmlinux ${"ab".repeat(20)}]`, "build-id-mismatch", /The trace is of build abab/],
  ];
  for (const [what, text, status, message] of failures) {
    it(`answers ${what} with ${status}`, async () => {
      const answer = await one(frame(text));
      assert.equal(answer.status, status);
      assert.match(answer.message!, message);
      assert.deepEqual(answer.frames, []);
    });
  }

  it("names padding as what it is", async () => {
    const answer = await one(frame("tcp_send+0x48/0x50"));
    assert.equal(show(answer.frames), "tcp_send net/ipv4/tcp.c:125:8");
    assert.match(answer.message!, /0x48 lies in the padding behind tcp_send, whose code is 0x40 bytes long/);
  });

  it("uses no file of another build, and shows both ids", async () => {
    const source = remote();
    const answer = await one(frame("tcp_send+0x1"), files({ file: source, buildId: buildId("cd".repeat(20)) }));
    assert.equal(answer.status, "build-id-mismatch");
    assert.ok(answer.message!.includes(id) && answer.message!.includes("cd".repeat(20)));
    assert.equal(source.closed, true);
  });

  it("passes on why there is no debuginfo", async () => {
    const missing = await one(frame("tcp_send+0x1"), files({ state: "not-found", message: "None was found; install it." }));
    assert.deepEqual([missing.status, missing.message], ["no-debuginfo", "None was found; install it."]);
    assert.equal((await one(frame("tcp_send+0x1"), files({ state: "mismatch", message: "m" }))).status, "build-id-mismatch");
    assert.equal((await one(frame("x+0x1 [nomod]"))).status, "no-debuginfo");
    assert.equal((await one(frame("x+0x1 [badmod]"), files(undefined, { modules: () => Promise.reject(new Error("link lost")) }))).status, "unreadable-debuginfo");
  });

  it("says that a file has no debug information, or damaged one with its place", async () => {
    const stripped = writeKernel(sampleKernel({ transform: () => [] }));
    assert.deepEqual([(await one(frame("tcp_send+0x1"), files({ file: remote(stripped) })))].map(({ status, address }) => [status, address]), [["no-debuginfo", kernelStart + 1n]]);
    const damaged = writeKernel(sampleKernel({ transform: (sections) => sections.map((section) => (section.name === ".debug_abbrev" ? { ...section, bytes: Uint8Array.of(0) } : section)) }));
    const answer = await one(frame("tcp_send+0x1"), files({ file: remote(damaged) }));
    assert.equal(answer.status, "unreadable-debuginfo");
    assert.match(answer.message!, /lab:\/vmlinux: \.debug_info\+0x[0-9a-f]+: abbreviation 1 is not declared/);
  });

  it("shows what the trace itself says of inlined frames", async () => {
    const inlined: StackFrame = { kind: "inlined", reliable: true, symbol: "sk_free", source: { file: "net/core/sock.c", line: 7 } };
    assert.equal(show((await one(inlined)).frames), "sk_free net/core/sock.c:7");
  });

  it("tells sections of a module apart, and gives addresses in them", async () => {
    const unit = (start: bigint) => sampleKernel({ text: [start, 0x200] });
    // As linked: a module's debug sections without relocations hold final numbers only for the section at 0.
    const module = writeElf({
      type: 1,
      sections: [{ name: ".init.text", flags: 6, bytes: new Uint8Array(0x30) }, { name: ".text", flags: 6, bytes: new Uint8Array(0x200) }, ...debugSections(unit(0n).units.slice(1), { version: 5, offsetSize: 4, addressSize: 8, endianness: "little" })],
      symbols: [{ name: "init_module", value: 0n, size: 0x10, section: ".init.text" }, { name: "run", value: 0n, size: 0x10, section: ".text" }],
    });
    const debugFiles = files(undefined, { modules: (): Promise<DebugFile> => Promise.resolve({ file: remote(module) }) });
    const answers = await resolve(debugFiles, frame("init_module+0x4 [m]"), frame("run+0x5 [m]"), frame("run+0x5/0x200 [m]"), frame("run+0x5/0x8 [m]"));
    assert.deepEqual(answers.map(({ address, status }) => [address, status]), [[4n, "no-line"], [5n, "no-line"], [5n, "no-line"], [undefined, "out-of-range"]]);
  });

  it("stops when it is aborted", async () => {
    const symbolizer = new Symbolizer(files({ file: remote() }), { worker: "in-process" });
    await assert.rejects(symbolizer.resolve([frame("tcp_send+0x1")], { signal: AbortSignal.abort(new Error("not wanted")) }), /not wanted/);
    await symbolizer.dispose();
  });

  describe("in its worker thread", () => {
    let folder = "";
    let script = "";
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "knetscope-"));
      script = join(folder, "symbolizer.js");
      await esbuild.build({ entryPoints: [resolvePath("src/symbolize/worker.ts")], bundle: true, platform: "node", format: "cjs", outfile: script, logLevel: "silent" });
      writeFileSync(join(folder, "vmlinux"), bytes);
    });
    after(() => rmSync(folder, { recursive: true }));

    it("reads files of this machine by itself, and those of others through this thread", async () => {
      const source = remote();
      for (const file of [join(folder, "vmlinux"), source]) {
        const symbolizer = new Symbolizer(files({ file, buildId: id }, { kallsyms: () => Promise.resolve(kallsyms(kernelStart + slide)) }), { worker: script });
        const answers = await Promise.all([symbolizer.resolve([frame("tcp_send+0x14")]), symbolizer.resolve([{ kind: "exact", reliable: true, address: vaddr(kernelStart + slide + 0x30n) }])]);
        assert.deepEqual(answers.map(([answer]) => [answer!.symbol, answer!.offset, answer!.frames.length]), [["tcp_send", 0x14, 3], ["tcp_send", 0x30, 1]]);
        await symbolizer.dispose();
      }
      assert.ok(source.reads > 0 && source.closed);
    });

    it("passes on a failure to read, and goes on", async () => {
      const source = { ...remote(), read: () => Promise.reject(new Error("link lost")) };
      const symbolizer = new Symbolizer(files({ file: source }), { worker: script });
      const [answer] = await symbolizer.resolve([frame("tcp_send+0x1")]);
      assert.equal(answer!.status, "unreadable-debuginfo");
      assert.match(answer!.message!, /link lost/);
      await symbolizer.dispose();
    });

    it("rejects at once when it is aborted, while the thread goes on", async () => {
      const never = new Promise<Uint8Array>(() => undefined);
      const symbolizer = new Symbolizer(files({ file: { ...remote(), read: () => never } }), { worker: script });
      const abort = new AbortController();
      const answer = symbolizer.resolve([frame("tcp_send+0x1")], { signal: abort.signal });
      setTimeout(() => abort.abort(new Error("not wanted")), 20);
      await assert.rejects(answer, /not wanted/);
    });

    it("tells its callers when the thread ends, and starts another for the next", async () => {
      const broken = join(folder, "broken.js");
      writeFileSync(broken, "setTimeout(() => { throw new Error('out of luck'); }, 10);");
      const symbolizer = new Symbolizer(files({ file: remote() }), { worker: broken });
      for (let round = 0; round < 2; round++) await assert.rejects(symbolizer.resolve([frame("tcp_send+0x1")]), { code: "symbolize/worker-ended", message: /out of luck/ });
    });
  });
});
