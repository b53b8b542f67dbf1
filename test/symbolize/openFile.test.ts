import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { openLocalFile, openRangeSource, type OpenFile } from "../../src/symbolize/openFile";
import type { RangeSource } from "../../src/symbolize/rangeSource";

const content = Uint8Array.from({ length: 200_000 }, (_, index) => (index * 7919) >>> 5);
const span = fc.tuple(fc.nat(content.length), fc.nat(90_000)).map(([offset, length]) => ({ offset, length: Math.min(length, content.length - offset) }));

async function agrees(file: OpenFile, spans: readonly { offset: number; length: number }[]): Promise<void> {
  const bytes = await file.read(spans.map((own) => ({ ...own, file })));
  spans.forEach(({ offset, length }, index) => assert.ok(Buffer.from(bytes[index]!).equals(content.subarray(offset, offset + length))));
}

describe("open files", () => {
  let folder = "";
  before(() => (folder = mkdtempSync(join(tmpdir(), "knetscope-"))));
  after(() => rmSync(folder, { recursive: true }));

  it("give the bytes of any spans of a file here", async () => {
    const path = join(folder, "vmlinux");
    writeFileSync(path, content);
    const file = openLocalFile(path);
    await fc.assert(fc.asyncProperty(fc.array(span, { maxLength: 5 }), (spans) => agrees(file, spans)), { numRuns: 200 });
    await file.close();
  });

  it("give the bytes of any spans of a file elsewhere, and ask for no block twice", async () => {
    const asked: number[] = [];
    const source: RangeSource = {
      name: "lab:/vmlinux",
      size: content.length,
      read: (offset, length) => {
        for (let block = offset; block < offset + length; block += 0x8000) asked.push(block);
        return Promise.resolve(content.slice(offset, offset + length));
      },
      close: () => Promise.resolve(),
    };
    const file = openRangeSource(source);
    await fc.assert(fc.asyncProperty(fc.array(span, { maxLength: 5 }), (spans) => agrees(file, spans)), { numRuns: 200 });
    assert.equal(new Set(asked).size, asked.length);
  });

  it("say where a file that became shorter ended", async () => {
    const path = join(folder, "cut");
    writeFileSync(path, content);
    const file = openLocalFile(path);
    writeFileSync(path, content.subarray(0, 50));
    assert.throws(() => file.read([{ file, offset: 10, length: 100 }]), { code: "elf/truncated", message: /0x32/, where: path });
    await file.close();
  });

  it("name the file that cannot be opened, and folders", () => {
    assert.throws(() => openLocalFile(join(folder, "absent")), { code: "symbolize/cannot-open", where: join(folder, "absent") });
    assert.throws(() => openLocalFile(folder), { code: "symbolize/cannot-open", message: /regular file/ });
  });
});
