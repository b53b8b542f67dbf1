import assert from "node:assert/strict";
import fc from "fast-check";
import { layoutOf } from "../../src/elf/addressLayout";
import { openElf } from "../../src/elf/elfFile";
import { upperBound } from "../../src/elf/symbolOrder";
import { readSymbolTable, type SymbolTable } from "../../src/elf/symbolTable";
import { writeElf, type ElfSpec, type SymbolSpec } from "../support/elfWriter";
import { memoryFile, read } from "../support/memoryFile";

const start = 0xffff_ffff_8100_0000n;

function open(symbols: readonly SymbolSpec[], spec: Partial<ElfSpec> = {}): SymbolTable {
  const elf = read(openElf(memoryFile(writeElf({ sections: [{ name: ".text", flags: 6, address: start, bytes: new Uint8Array(0x1000) }], ...spec, symbols }))));
  return read(readSymbolTable(elf, layoutOf(elf)))!;
}

const isNamed = (name: string): boolean => name !== "";

const at = (offset: number, name: string, more: Partial<SymbolSpec> = {}): SymbolSpec => ({ name, value: start + BigInt(offset), section: ".text", ...more });

describe("SymbolTable", () => {
  it("finds all symbols of a name, and none of an undefined or absolute one", () => {
    const table = open([at(0x10, "helper"), at(0x40, "helper", { binding: 0 }), at(0x20, "other"), { name: "helper", value: 0n }]);
    assert.deepEqual(table.named("helper").map(({ pc, binding }) => [pc, binding]), [[0x10, 1], [0x40, 0]]);
    assert.deepEqual(table.named("help"), []);
    assert.deepEqual(table.named(""), []);
  });

  it("finds names that are the tail of a longer one in the string table", () => {
    const elf = writeElf({ sections: [{ name: ".text", flags: 6, address: start, bytes: new Uint8Array(64) }], symbols: [at(0, "x_send")] });
    // Point the symbol's name into the middle of "x_send", as a linker that merges tails does.
    const text = Buffer.from(elf).indexOf("\0x_send\0");
    assert.ok(text > 0);
    const file = read(openElf(memoryFile(elf)));
    elf[file.section(".symtab")!.offset + 24] = 3;
    const table = read(readSymbolTable(file, layoutOf(file)))!;
    assert.deepEqual(table.named("send").map(({ name, pc }) => [name, pc]), [["send", 0]]);
    assert.deepEqual(table.named("x_send"), []);
  });

  it("names an address by the function, not by the label or the prefix symbol beside it", () => {
    const table = open([at(0x10, "label", { type: 0 }), at(0x10, "alias", { binding: 0 }), at(0x10, "function"), at(0x30, "__pfx_next"), at(0x30, "next", { type: 0 })]);
    assert.deepEqual([table.before(0x0f, isNamed)?.name, table.before(0x10, isNamed)?.name, table.before(0x2f, isNamed)?.name, table.before(0x30, isNamed)?.name], [undefined, "function", "function", "next"]);
  });

  it("finds the next symbol that counts", () => {
    const table = open([at(0x10, "a"), at(0x10, "b"), at(0x20, ".Llocal"), at(0x30, "c")]);
    const counts = (name: string): boolean => !name.startsWith(".L");
    assert.deepEqual([table.following(0x10, counts), table.following(0x30, counts)], [{ nearest: 0x20, counted: 0x30 }, { nearest: Infinity, counted: Infinity }]);
  });

  it("reads 32-bit and big-endian tables, and gives each section of a module a place of its own", () => {
    const sections = [{ name: ".text", flags: 6, bytes: new Uint8Array(0x100) }, { name: ".init.text", flags: 6, bytes: new Uint8Array(0x100) }];
    const table = open([{ name: "run", value: 4n, section: ".text" }, { name: "init", value: 4n, section: ".init.text" }], { type: 1, wordSize: 4, endianness: "big", sections });
    const [run, init] = [table.named("run")[0]!, table.named("init")[0]!];
    assert.notEqual(run.pc, init.pc);
    assert.deepEqual([table.before(run.pc + 5, isNamed)?.name, table.before(init.pc + 5, isNamed)?.name], ["run", "init"]);
  });

  it("agrees with a plain search, for few names and for many", () => {
    const symbol = fc.tuple(fc.nat(0xff), fc.constantFrom("a", "ab", "b", "abc", "c.isra.0"));
    fc.assert(
      fc.property(fc.array(symbol, { maxLength: 30 }), (list) => {
        const table = open(list.map(([offset, name]) => at(offset, name)));
        for (let round = 0; round < 30; round++) {
          for (const name of ["a", "ab", "abc", "x"]) {
            assert.deepEqual(table.named(name).map(({ pc }) => pc), list.filter((item) => item[1] === name).map(([offset]) => offset));
          }
        }
        for (const pc of [0, 0x80, 0xff]) {
          const above = list.filter(([offset]) => offset > pc);
          const least = (own: typeof list): number => Math.min(Infinity, ...own.map(([offset]) => offset));
          for (let round = 0; round < 10; round++) {
            assert.deepEqual(table.following(pc, (name) => name !== "a"), { nearest: least(above), counted: least(above.filter(([, name]) => name !== "a")) });
          }
          const below = list.map(([offset]) => offset).filter((offset) => offset <= pc);
          assert.equal(table.before(pc, isNamed)?.pc, below.length > 0 ? Math.max(...below) : undefined);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("upperBound", () => {
  it("counts the elements that are not greater", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50)), fc.nat(50), (values, value) => {
        assert.equal(upperBound(Float64Array.from(values).sort(), value), values.filter((other) => other <= value).length);
      }),
    );
  });
});
