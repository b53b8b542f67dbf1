import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { BlockStore } from "../../src/symbolize/blockStore";
import { cacheBlock, cachedSource } from "../../src/symbolize/cachedSource";
import { memorySource, type RangeSource } from "../../src/symbolize/rangeSource";

const block = (seed: number, length = 100): Uint8Array => Uint8Array.from({ length }, (_, index) => seed + index);

describe("BlockStore", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "knetscope-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("keeps blocks for the next one who opens it, and for one who has it open", () => {
    const [first, second] = [new BlockStore(folder).open("k")!, new BlockStore(folder).open("k")!];
    first.put(3, block(1));
    second.put(4, block(2));
    first.put(5, block(3));
    assert.deepEqual([first.get(4), second.get(3), second.get(5)], [block(2), block(1), undefined]);
    const third = new BlockStore(folder).open("k")!;
    assert.deepEqual([third.get(3), third.get(4), third.get(5), third.get(6)], [block(1), block(2), block(3), undefined]);
  });

  it("gives a block as it was put or not at all, whatever became of the file", () => {
    fc.assert(fc.property(fc.nat(400), fc.nat(255), fc.boolean(), (at, byte, cut) => {
      const store = new BlockStore(folder).open("k")!;
      for (const number of [0, 1, 2]) store.put(number, block(number));
      store.close();
      const file = join(folder, "k");
      if (cut) truncateSync(file, Math.min(at, readFileSync(file).length));
      else {
        const bytes = readFileSync(file);
        bytes[Math.min(at, bytes.length - 1)] = byte;
        writeFileSync(file, bytes);
      }
      const again = new BlockStore(folder).open("k")!;
      for (const number of [0, 1, 2]) assert.ok(again.get(number) === undefined || Buffer.compare(again.get(number)!, block(number)) === 0);
      again.close();
      rmSync(file);
    }));
  });

  it("drops what was not used for longest when there is too much, and lets no file grow beyond a quarter", () => {
    const store = new BlockStore(folder, 4000);
    for (const [index, key] of ["old", "new", "newest"].entries()) {
      store.open(key)!.put(0, block(0, 900));
      utimesSync(join(folder, key), new Date(), new Date(Date.now() - 10_000 + index * 1000));
    }
    const file = store.open("more")!;
    file.put(0, block(0, 984));
    file.put(1, block(0, 900));
    assert.deepEqual([file.get(0)?.length, file.get(1)], [984, undefined]);
    writeFileSync(join(folder, "new"), new Uint8Array(2500));
    store.open("newest");
    assert.deepEqual([existsSync(join(folder, "old")), readdirSync(folder).includes("newest")], [false, true]);
  });

  it("is none where the folder cannot be made", () => {
    writeFileSync(join(folder, "file"), "");
    assert.equal(new BlockStore(join(folder, "file", "below")).open("k"), undefined);
  });
});

describe("cachedSource", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "knetscope-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const content = Uint8Array.from({ length: cacheBlock * 5 + 77 }, (_, index) => (index * 31) >> 3);
  const counted = (): RangeSource & { readonly reads: [number, number][] } => {
    const reads: [number, number][] = [];
    return { ...memorySource("lab:/f", content), reads, read: (offset, length) => (reads.push([offset, length]), Promise.resolve(content.slice(offset, offset + length))) };
  };

  it("is the file, whatever is asked for at once", async () => {
    const source = counted();
    const cached = cachedSource(source, new BlockStore(folder).open("k")!);
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(content.length + 9), fc.nat(cacheBlock * 3)), { maxLength: 4 }), async (ranges) => {
      const answers = await Promise.all(ranges.map(([offset, length]) => cached.read(offset, length)));
      assert.deepEqual(answers.map((bytes) => Buffer.from(bytes)), ranges.map(([offset, length]) => Buffer.from(content.subarray(offset, offset + length))));
    }));
    assert.ok(source.reads.length <= 6, "no block is fetched twice");
  });

  it("asks for neighbouring blocks at once, for what is under way never again, and for nothing the second time", async () => {
    const source = counted();
    const cached = cachedSource(source, new BlockStore(folder).open("k")!);
    await Promise.all([cached.read(cacheBlock + 1, cacheBlock * 2), cached.read(cacheBlock * 2, 10), cached.read(0, content.length)]);
    assert.deepEqual(source.reads, [[cacheBlock, cacheBlock * 3], [0, cacheBlock], [cacheBlock * 4, cacheBlock + 77]]);
    const second = counted();
    await cachedSource(second, new BlockStore(folder).open("k")!).read(0, content.length);
    assert.deepEqual(second.reads, []);
  });

  it("passes a failure on and tries again", async () => {
    let failing = true;
    const source = { ...memorySource("lab:/f", content), read: () => (failing ? Promise.reject(new Error("lost")) : Promise.resolve(content.slice(0, cacheBlock))) };
    const cached = cachedSource(source, new BlockStore(folder).open("k")!);
    await assert.rejects(cached.read(0, 10), /lost/);
    failing = false;
    assert.deepEqual(Uint8Array.from(await cached.read(0, 10)), content.slice(0, 10));
  });
});
