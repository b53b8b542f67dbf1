import assert from "node:assert/strict";
import fc from "fast-check";
import { DomainError } from "../../src/base/errors";
import { DwarfFile } from "../../src/dwarf/dwarfFile";
import { dwarfSections } from "../../src/dwarf/sections";
import { layoutOf, pcOfAddress } from "../../src/elf/addressLayout";
import { openElf } from "../../src/elf/elfFile";
import type { DwarfEncoding } from "../support/dwarfWriter";
import { compressed } from "../support/elfWriter";
import { kernelStart, sampleKernel, writeKernel, type KernelSpec } from "../support/kernelFixture";
import { memoryFile, read } from "../support/memoryFile";

const encodings: DwarfEncoding[] = ([2, 3, 4, 5] as const).flatMap((version) =>
  ([4, 8] as const).flatMap((addressSize) =>
    (["little", "big"] as const).flatMap((endianness) =>
      // 64-bit DWARF came with version 3; its stmt_list of 4 bytes below version 4 is as gcc writes it.
      (version === 2 ? ([4] as const) : ([4, 8] as const)).map((offsetSize) => ({ version, addressSize, endianness, offsetSize })),
    ),
  ),
);

/** @param many whether more pcs are announced than are asked for */
function open(bytes: Uint8Array, many = false): { locate(address: bigint): string } {
  const elf = read(openElf(memoryFile(bytes)));
  const layout = layoutOf(elf);
  const sections = dwarfSections(elf, layout);
  if (!sections) return { locate: () => "no debug information" };
  const dwarf = new DwarfFile(sections);
  if (many) read(dwarf.announce(Array.from({ length: 1000 }, (_, pc) => pc), true));
  return {
    locate: (address) => {
      const location = read(dwarf.locate(pcOfAddress(layout.base, address)));
      const frames = location?.frames.map(({ function: name = "?", place }) => (place ? `${name} ${place.path}:${place.line}:${place.column}` : name));
      return frames?.join(" < ") ?? "none";
    },
  };
}

function check(spec: KernelSpec, start: bigint, expected: Readonly<Record<number, string>>): void {
  for (const many of [false, true]) {
    const file = open(writeKernel(spec), many);
    const actual = Object.fromEntries(Object.keys(expected).map((offset) => [offset, file.locate(start + BigInt(offset))]));
    assert.deepEqual(actual, expected);
  }
}

const expected: Readonly<Record<number, string>> = {
  0x00: "tcp_send net/ipv4/tcp.c:110:1",
  0x0f: "tcp_send net/ipv4/tcp.c:110:1",
  0x10: "sock_hold ./include/net/sock.h:76:2 < tcp_send net/ipv4/tcp.c:120:3",
  0x14: "refcount_inc ./include/net/sock.h:30:5 < sock_hold ./include/net/sock.h:77:9 < tcp_send net/ipv4/tcp.c:120:3",
  0x19: "sock_hold ./include/net/sock.h:78:0 < tcp_send net/ipv4/tcp.c:120:3",
  0x23: "refcount_inc ./include/net/sock.h:31:5 < sock_hold ./include/net/sock.h:77:9 < tcp_send net/ipv4/tcp.c:120:3",
  0x30: "tcp_send net/ipv4/tcp.c:125:8",
  // Padding: the sequence goes on, no function does.
  0x48: "? net/ipv4/tcp.c:125:8",
  0x50: "helper net/ipv4/tcp.c:300:0",
  0x7f: "helper net/ipv4/tcp.c:400:0",
  0x8f: "tcp_send net/ipv4/tcp.c:128:0",
  0x90: "none",
  0x109: "? /build/linux-6.1.5/arch/x86/entry/entry.S:51:0",
  0x1ff: "none",
};

describe("DwarfFile", () => {
  for (const encoding of encodings) {
    const { version, addressSize, offsetSize, endianness } = encoding;
    it(`finds inlined chains in DWARF ${version}, ${offsetSize * 8}-bit format, ${addressSize * 8}-bit ${endianness}-endian`, () => {
      const start = addressSize === 8 ? kernelStart : 0xc010_0000n;
      const spec = sampleKernel({ encoding, text: [start, 0x200] });
      // An assembler unit of before version 5 counts its files from 1, as the fixture's second entry does.
      check(spec, start, expected);
    });
  }

  it("reads units that .debug_aranges does not name, with and without the others in it", () => {
    const spec = sampleKernel();
    const [first, ...others] = spec.units;
    check({ ...spec, units: [{ ...first!, unlisted: true }, ...others] }, kernelStart, { 0x14: expected[0x14]!, 0x7f: expected[0x7f]! });
    const withoutAranges = { ...spec, transform: (sections: Parameters<NonNullable<KernelSpec["transform"]>>[0]) => sections.filter(({ name }) => name !== ".debug_aranges") };
    check(withoutAranges, kernelStart, { 0x14: expected[0x14]!, 0x90: "none" });
  });

  it("reads sections compressed with zlib", () => {
    check(sampleKernel({ transform: (sections) => sections.map((section) => compressed(section)) }), kernelStart, expected);
  });

  it("says which section is missing", () => {
    const spec = sampleKernel({ transform: (sections) => sections.filter(({ name }) => name !== ".debug_str") });
    assert.throws(() => open(writeKernel(spec)).locate(kernelStart), { code: "dwarf/missing-section", message: /\.debug_str/ });
  });

  it("ends with an answer or a DomainError on damaged bytes", () => {
    const bytes = writeKernel(sampleKernel());
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(damage, fc.integer({ min: 0, max: 0x1ff }), (changes, offset) => {
        const copy = Uint8Array.from(bytes);
        for (const [at, value] of changes) copy[at] = value;
        try {
          open(copy).locate(kernelStart + BigInt(offset));
        } catch (error) {
          assert.ok(error instanceof DomainError, String(error));
        }
      }),
      { numRuns: 1500 },
    );
  });

  it("ends with an answer or a DomainError on truncated files", () => {
    const bytes = writeKernel(sampleKernel());
    fc.assert(
      fc.property(fc.nat(bytes.length), (length) => {
        try {
          open(bytes.slice(0, length)).locate(kernelStart + 0x14n);
        } catch (error) {
          assert.ok(error instanceof DomainError, String(error));
        }
      }),
      { numRuns: 300 },
    );
  });
});
