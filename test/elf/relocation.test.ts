import assert from "node:assert/strict";
import fc from "fast-check";
import { layoutOf } from "../../src/elf/addressLayout";
import { openElf } from "../../src/elf/elfFile";
import { openRelocatedSection } from "../../src/elf/relocation";
import { applyRelocation } from "../../src/elf/relocationOperations";
import { readSpan } from "../../src/elf/sectionData";
import { ByteWriter } from "../support/byteWriter";
import { writeElf } from "../support/elfWriter";
import { memoryFile, read } from "../support/memoryFile";

interface RelocationSpec {
  readonly offset: number;
  readonly type: number;
  /** 0: .text's symbol at 0x20, 1: .init.text's at 0. */
  readonly symbol: 0 | 1;
  readonly addend: number;
}

function open(relocations: readonly RelocationSpec[], { type = 1, machine = 62, size = 64 } = {}) {
  const rela = new ByteWriter();
  for (const { offset, type: kind, symbol, addend } of relocations) rela.u64(offset).u64((BigInt(symbol + 1) << 32n) | BigInt(kind)).u64(BigInt(addend));
  const file = writeElf({
    type,
    machine,
    sections: [
      { name: ".text", flags: 6, bytes: new Uint8Array(0x2345) },
      { name: ".init.text", flags: 6, bytes: new Uint8Array(0x10) },
      { name: ".debug_info", bytes: new Uint8Array(size) },
      { name: ".rela.debug_info", type: 4, bytes: rela.done(), link: ".symtab", info: ".debug_info" },
    ],
    symbols: [{ name: "run", value: 0x20n, section: ".text" }, { name: "init", value: 0n, section: ".init.text" }],
  });
  const elf = read(openElf(memoryFile(file, "mod.ko")));
  const layout = layoutOf(elf);
  const section = openRelocatedSection(elf, elf.section(".debug_info")!, layout);
  return { layout, span: (offset: number, length: number): Buffer => Buffer.from(read(readSpan(section, offset, length))) };
}

describe("openRelocatedSection", () => {
  for (const [machine, wide, narrow] of [[62, 1, 10], [183, 257, 258], [243, 2, 1], [21, 38, 1]] as const) {
    it(`applies absolute relocations of machine ${machine} to what is read`, () => {
      const { span, layout } = open([{ offset: 8, type: wide, symbol: 0, addend: 4 }, { offset: 20, type: narrow, symbol: 1, addend: 3 }], { machine });
      const [text, init] = [layout.placed![1]!, layout.placed![2]!];
      assert.ok(init >= text + 0x2345);
      assert.equal(span(0, 64).readBigUInt64LE(8), BigInt(text + 0x24));
      assert.equal(span(20, 4).readUInt32LE(0), init + 3);
      assert.equal(span(0, 64).readUInt32LE(16), 0);
    });
  }

  it("adds and subtracts in pairs at one place, wrapping, as RISC-V's assembler leaves differences", () => {
    const pair = (offset: number, first: number, second: number): RelocationSpec[] => [{ offset, type: first, symbol: 0, addend: 0x105 }, { offset, type: second, symbol: 0, addend: 1 }];
    const { span } = open([...pair(0, 36, 40), ...pair(8, 35, 39), ...pair(12, 34, 38), ...pair(14, 33, 37), ...pair(15, 53, 52), ...pair(16, 55, 38), ...pair(24, 54, 37)], { machine: 243 });
    const bytes = span(0, 32);
    assert.deepEqual([bytes.readBigUInt64LE(0), bytes.readUInt32LE(8), bytes.readUInt16LE(12), bytes[14], bytes[15], bytes.readUInt16LE(16), bytes[24]], [0x104n, 0x104, 0x104, 4, 4, 0x104, 4]);
  });

  it("keeps the length of LEB128 numbers", () => {
    const view = new DataView(Uint8Array.of(0x80, 0x80, 0x00, 0xff).buffer);
    applyRelocation(view, 0, true, { kind: "set-uleb", width: 1 }, 0x1000_0205);
    applyRelocation(view, 0, true, { kind: "subtract-uleb", width: 1 }, 0x1000_0001);
    assert.deepEqual([...new Uint8Array(view.buffer)], [0x84, 0x84, 0x00, 0xff]);
  });

  it("leaves relocations of a linked file alone", () => {
    assert.equal(open([{ offset: 0, type: 1, symbol: 0, addend: 4 }], { type: 2 }).span(0, 8).readBigUInt64LE(0), 0n);
  });

  it("names the relocation that it does not know", () => {
    assert.throws(() => open([{ offset: 4, type: 9, symbol: 0, addend: 0 }]).span(0, 16), { code: "elf/relocation-unsupported", where: "mod.ko: .debug_info+0x4" });
  });

  it("reads any span as a part of the whole, whatever the order of the relocations", () => {
    const offsets = fc.uniqueArray(fc.nat(7), { maxLength: 8 });
    fc.assert(
      fc.property(offsets, fc.nat(7), fc.nat(8), (slots, first, count) => {
        const { span } = open(slots.map((slot) => ({ offset: slot * 8, type: 1, symbol: 0 as const, addend: slot })));
        assert.deepEqual(span(first * 8, count * 8), span(0, 64).subarray(first * 8, (first + count) * 8));
      }),
      { numRuns: 100 },
    );
  });
});
