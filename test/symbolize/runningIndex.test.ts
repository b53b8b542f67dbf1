import assert from "node:assert/strict";
import { layoutOf } from "../../src/elf/addressLayout";
import { openElf } from "../../src/elf/elfFile";
import { RunningIndex } from "../../src/symbolize/runningIndex";
import { kernelStart, sampleKernel, writeKernel } from "../support/kernelFixture";
import { memoryFile, read } from "../support/memoryFile";

describe("RunningIndex", () => {
  const layout = layoutOf(read(openElf(memoryFile(writeKernel(sampleKernel())))));
  const symbol = (name: string, offset: number, next: number) => ({ name, offset, next });

  it("knows what it asked for, clones of it, and that a name is none", () => {
    const index = new RunningIndex(layout, kernelStart);
    const found = [symbol("f", 0, 0x10), symbol("f.isra.0", 0x10, 0x20), symbol("g", 0x20, 0x30), symbol("g", 0x40, 0x50)];
    for (const name of ["f.isra.7", "g", "none"]) index.add(name, found);
    const size = (name: string): number[] => index.named(name).map(({ pc }) => index.following(pc).counted - pc);
    assert.deepEqual([size("f"), size("f.isra.0"), size("g"), size("none")], [[0x10], [0x10], [0x10, 0x10], []]);
    assert.deepEqual([index.clonesOf("f"), index.has("none"), index.has("h")], [["f.isra.7", "f.isra.0"], true, false]);
  });
});
