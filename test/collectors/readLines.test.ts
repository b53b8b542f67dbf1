import assert from "node:assert/strict";
import fc from "fast-check";
import { readLineBatches, readLines } from "../../src/collectors/readLines";

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function linesOf(text: string, size: number): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const line of readLines(chunksOf(Buffer.from(text), size))) found.push(line);
  return found;
}

describe("readLines", () => {
  it("is the same whatever the chunks", async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.string({ unit: "grapheme", maxLength: 12 }).map((line) => line.replaceAll("\n", ""))), fc.integer({ min: 1, max: 9 }), async (lines, size) => {
      assert.deepEqual(await linesOf(lines.map((line) => `${line}\n`).join(""), size), lines);
    }));
  });
  it("reads a last line without its end", async () => assert.deepEqual(await linesOf("a\nbc", 1), ["a", "bc"]));
  it("cuts what no line of ours is", async () => assert.deepEqual((await linesOf(`${"x".repeat(3 << 20)}\ny\n`, 100_000)).map((line) => line.length <= (1 << 20) + 100_000), [true, true]));
  it("hands on together what came together", async () => {
    const batches: (readonly string[])[] = [];
    for await (const lines of readLineBatches(chunksOf(Buffer.from("a\nb\nc\nd"), 5))) batches.push(lines);
    assert.deepEqual(batches, [["a", "b"], ["c"], ["d"]]);
  });
});
