import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { sumOf } from "../../src/base/keptRecords";
import { layoutOf } from "../../src/elf/addressLayout";
import { openElf } from "../../src/elf/elfFile";
import { KeptSymbols } from "../../src/elf/keptSymbols";
import { readTableBytes, SymbolTable } from "../../src/elf/symbolTable";
import type { StackFrame } from "../../src/stacks/stack";
import { parseFrame } from "../../src/stacks/parseFrame";
import { BlockStore } from "../../src/symbolize/blockStore";
import { Resolver } from "../../src/symbolize/resolver";
import { writeElf } from "../support/elfWriter";
import { sampleKernel, writeKernel } from "../support/kernelFixture";
import { memoryFile, read } from "../support/memoryFile";

const frames: StackFrame[] = ["tcp_send", "helper", "ret_from_fork_asm", "nothing"].flatMap((name) =>
  [0, 0x10, 0x14, 0x19, 0x23, 0x30, 0x48].map((offset) => ({ ...parseFrame(`${name}+0x${offset.toString(16)}`)!, kind: "exact" as const })),
);

describe("an index that was kept", () => {
  let folder = "";
  let vmlinux = "";
  const cache = process.env.KNETSCOPE_CACHE;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "knetscope-"));
    process.env.KNETSCOPE_CACHE = folder;
    vmlinux = join(folder, "vmlinux");
    writeFileSync(vmlinux, writeKernel(sampleKernel()));
  });
  after(() => {
    if (cache === undefined) delete process.env.KNETSCOPE_CACHE;
    else process.env.KNETSCOPE_CACHE = cache;
    rmSync(folder, { recursive: true });
  });

  /** Answers of a process of its own, as far as files are concerned. */
  async function answers(keep: boolean): Promise<unknown> {
    const resolver = new Resolver({ vmlinux: { file: vmlinux }, modules: () => Promise.resolve(undefined) });
    const resolved = await resolver.resolve(frames);
    if (keep) await resolver.keep();
    await resolver.close();
    return resolved;
  }
  const indexes = (): string[] => readdirSync(join(folder, "index"));

  it("answers as the file does, and is of that file at that time only", async () => {
    const first = await answers(true);
    assert.equal(indexes().length, 1);
    assert.deepEqual(await answers(true), first);
    assert.equal(indexes().length, 1);
    utimesSync(vmlinux, new Date(), new Date(Date.now() - 100_000));
    assert.deepEqual(await answers(true), first);
    assert.equal(indexes().length, 2);
  });

  it("never changes an answer when it is damaged or cut off", async () => {
    const expected = await answers(true);
    for (const name of indexes()) {
      const path = join(folder, "index", name);
      const sound = readFileSync(path);
      await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(sound.length - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 40 }), fc.option(fc.nat(sound.length)), async (changes, length) => {
        const bytes = Buffer.from(sound);
        for (const [at, by] of changes) bytes[at] = (bytes[at] ?? 0) ^ by;
        writeFileSync(path, bytes);
        if (length !== null) truncateSync(path, length);
        assert.deepEqual(await answers(false), expected);
      }), { numRuns: 25 });
      rmSync(path);
    }
  });
});

describe("KeptSymbols", () => {
  it("answers as the table does", () => {
    const start = 0xffff_ffff_8100_0000n;
    const symbol = fc.record({ offset: fc.nat(0xfff), name: fc.constantFrom("a", "ab", "b", "abc", "c.isra.0", ".Lx", "__pfx_a"), size: fc.nat(30), type: fc.constantFrom(0, 1, 2), binding: fc.constantFrom(0, 1, 2) });
    const folder = mkdtempSync(join(tmpdir(), "knetscope-"));
    let count = 0;
    fc.assert(fc.property(fc.array(symbol, { maxLength: 400 }), fc.array(fc.nat(0x1000), { maxLength: 10 }), (list, pcs) => {
      const symbols = list.map(({ offset, ...own }) => ({ ...own, value: start + BigInt(offset), section: ".text" }));
      const elf = read(openElf(memoryFile(writeElf({ sections: [{ name: ".text", flags: 6, address: start, bytes: new Uint8Array(0x1000) }], symbols }))));
      const bytes = read(readTableBytes(elf, layoutOf(elf)))!;
      const records = new BlockStore(folder, undefined, sumOf).open(`index-${count++}`)!;
      const table = SymbolTable.of(bytes);
      table.keep(records);
      const kept = SymbolTable.kept(KeptSymbols.open(records)!, () => assert.fail("the index was not enough"));
      const counts = (name: string): boolean => !name.startsWith(".L");
      for (const name of ["", "a", "ab", "b", "abc", "c.isra.0", "x"]) assert.deepEqual(kept.named(name), table.named(name));
      for (const pc of pcs) assert.deepEqual([kept.before(pc, counts), kept.following(pc, counts)], [table.before(pc, counts), table.following(pc, counts)]);
      records.close();
    }), { numRuns: 40 });
    rmSync(folder, { recursive: true });
  });
});
