import assert from "node:assert/strict";
import fc from "fast-check";
import { DomainError } from "../../src/base/errors";
import { openElf } from "../../src/elf/elfFile";
import { buildIdOfNotes, parseNotes, readBuildId } from "../../src/elf/notes";
import { openSection, readSpan } from "../../src/elf/sectionData";
import { ByteWriter } from "../support/byteWriter";
import { buildIdSection, compressed, writeElf, type ElfSpec } from "../support/elfWriter";
import { memoryFile, read } from "../support/memoryFile";

const shapes: Pick<ElfSpec, "wordSize" | "endianness">[] = ([4, 8] as const).flatMap((wordSize) =>
  (["little", "big"] as const).map((endianness) => ({ wordSize, endianness })),
);
const id = "3b43fad5aabbccdd3b43fad5aabbccdd3b43fad5";

describe("openElf", () => {
  for (const shape of shapes) {
    it(`reads sections and build id of a ${shape.wordSize === 8 ? 64 : 32}-bit ${shape.endianness}-endian file`, () => {
      const bytes = writeElf({
        ...shape,
        type: 1,
        machine: 183,
        sections: [{ name: ".text", flags: 6, address: 0x1000n, bytes: Uint8Array.of(1, 2, 3) }, buildIdSection(id, shape.endianness), { name: ".bss", type: 8, size: 0x500 }],
      });
      const elf = read(openElf(memoryFile(bytes)));
      assert.deepEqual([elf.header.type, elf.header.machine], [1, 183]);
      assert.deepEqual(elf.sections.map(({ name, size }) => [name, size]), [["", 0], [".text", 3], [".note.gnu.build-id", 36], [".bss", 0x500], [".shstrtab", 41]]);
      assert.equal(elf.section(".text")?.address, 0x1000n);
      assert.equal(elf.sectionWithBytes(".bss"), undefined);
      assert.deepEqual([...read(readSpan(openSection(elf, elf.section(".text")!), 1, 100))], [2, 3]);
      assert.equal(read(readBuildId(elf)), id);
    });

    it(`inflates a compressed section, ${shape.wordSize === 8 ? 64 : 32}-bit ${shape.endianness}-endian`, () => {
      const content = Buffer.from("kernel ".repeat(500));
      const elf = read(openElf(memoryFile(writeElf({ ...shape, sections: [compressed({ name: ".debug_str", bytes: content }, shape)] }))));
      const section = openSection(elf, elf.section(".debug_str")!);
      assert.equal(Buffer.from(read(readSpan(section, 7, 6))).toString(), "kernel");
      assert.equal(section.size, content.length);
      assert.equal(read(readSpan(section, content.length - 2, 50)).length, 2);
    });
  }

  const refusals: readonly [string, Uint8Array, string, RegExp][] = [
    ["a module compressed with xz", Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4), "elf/compressed-file", /xz/],
    ["a module compressed with zstd", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0), "elf/compressed-file", /zstd/],
    ["a gzip file", Uint8Array.of(0x1f, 0x8b, 8), "elf/compressed-file", /gzip/],
    ["a vmlinuz", Uint8Array.of(0x4d, 0x5a, 0xea, 0x07), "elf/boot-image", /vmlinuz/],
    ["a text", Buffer.from("#!/bin/sh\n"), "elf/not-elf", /not an ELF file/],
    ["nothing", new Uint8Array(), "elf/not-elf", /not an ELF file/],
  ];
  for (const [what, bytes, code, message] of refusals) {
    it(`refuses ${what} by its name`, () => {
      assert.throws(() => read(openElf(memoryFile(bytes))), { code, message });
    });
  }

  it("names the file and the place where it is cut off", () => {
    const bytes = writeElf({ sections: [{ name: ".text", bytes: new Uint8Array(100) }] });
    assert.throws(() => read(openElf(memoryFile(bytes.slice(0, 120), "cut.ko"))), { code: "elf/truncated", where: "cut.ko" });
  });

  it("names the section that cannot be inflated", () => {
    const section = compressed({ name: ".debug_info", bytes: new Uint8Array(1000) });
    section.bytes!.fill(0x55, 26);
    const elf = read(openElf(memoryFile(writeElf({ sections: [section] }), "bad.ko")));
    assert.throws(() => read(readSpan(openSection(elf, elf.section(".debug_info")!), 0, 1)), { code: "elf/bad-compression", where: "bad.ko: .debug_info" });
  });

  it("inflates zstd, and names a method it does not know", () => {
    const [plain, method] = [Uint8Array.from({ length: 100 }, (_, index) => index), compressed({ name: ".debug_line", bytes: new Uint8Array(10) })];
    method.bytes![0] = 3;
    // RFC 8878: a frame of one segment with its size in a byte, and one raw block.
    const frame = new ByteWriter().raw([0x28, 0xb5, 0x2f, 0xfd, 0x20, plain.length]).int(BigInt((plain.length << 3) | 1), 3).raw(plain).done();
    const zstd = { name: ".debug_info", flags: 0x800, bytes: new ByteWriter().u32(2).u32(0).u64(plain.length).u64(1).raw(frame).done() };
    const elf = read(openElf(memoryFile(writeElf({ sections: [zstd, method] }))));
    const section = openSection(elf, elf.section(".debug_info")!);
    assert.deepEqual([...read(readSpan(section, 10, 5))], [10, 11, 12, 13, 14]);
    assert.deepEqual(read(readSpan(section, 0, 200)), plain);
    assert.throws(() => read(readSpan(openSection(elf, elf.section(".debug_line")!), 0, 1)), { code: "elf/compression-unsupported", message: /method 3/ });
  });

  it("inflates a large section as far as it is asked for, with the bytes of the whole", () => {
    const plain = new Uint8Array(6_000_000);
    // Does not compress, so that there are several pieces.
    for (let index = 0, value = 1; index < plain.length; index++) plain[index] = (value = (Math.imul(value, 1103515245) + 12345) >>> 0) >>> 16;
    const elf = read(openElf(memoryFile(writeElf({ sections: [compressed({ name: ".debug_info", bytes: plain })] }))));
    fc.assert(
      fc.property(fc.nat(plain.length), fc.nat(3_000_000), fc.nat(plain.length), (offset, length, other) => {
        const section = openSection(elf, elf.section(".debug_info")!);
        for (const start of [offset, other]) assert.equal(Buffer.compare(read(readSpan(section, start, length)), plain.subarray(start, start + length)), 0);
      }),
      { numRuns: 8 },
    );
  });

  it("fails only with DomainErrors on damaged headers", () => {
    const bytes = writeElf({ sections: [{ name: ".text", bytes: new Uint8Array(16) }, buildIdSection(id)], symbols: [] });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 6 }), (changes) => {
        const copy = Uint8Array.from(bytes);
        for (const [at, value] of changes) copy[at] = value;
        try {
          read(readBuildId(read(openElf(memoryFile(copy)))));
        } catch (error) {
          assert.ok(error instanceof DomainError, String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("parseNotes", () => {
  it("reads back what was written, whatever else stands before the build id", () => {
    const note = fc.record({ owner: fc.stringMatching(/^[A-Za-z]{1,6}$/), type: fc.nat(99), description: fc.uint8Array({ maxLength: 40 }) });
    fc.assert(
      fc.property(fc.array(note, { maxLength: 5 }), fc.constantFrom("little" as const, "big" as const), (notes, endianness) => {
        const writer = new ByteWriter(endianness);
        for (const { owner, type, description } of notes) {
          writer.u32(owner.length + 1).u32(description.length).u32(type).cstring(owner).align(4).raw(description).align(4);
        }
        const parsed = parseNotes(writer.done(), endianness);
        assert.deepEqual(parsed.map((own) => ({ ...own, description: [...own.description] })), notes.map((own) => ({ ...own, description: [...own.description] })));
      }),
    );
  });

  it("finds no build id in damaged notes, and does not fail", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void buildIdOfNotes(bytes, "little")));
    assert.equal(buildIdOfNotes(new ByteWriter().u32(4).u32(0xffff_ffff).u32(3).cstring("GNU").done(), "little"), undefined);
  });
});
