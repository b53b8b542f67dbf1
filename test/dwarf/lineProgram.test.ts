import assert from "node:assert/strict";
import fc from "fast-check";
import { DomainError } from "../../src/base/errors";
import { LineProgram, type LineContext } from "../../src/dwarf/lineProgram";
import { ByteWriter } from "../support/byteWriter";
import { withLength, writeLineProgram, type SequenceSpec } from "../support/dwarfTables";
import { dwarf5, type DwarfEncoding } from "../support/dwarfWriter";

const strings = { string: (): number => 0 };
const tables = { compDir: "/b", directories: ["net"], files: [{ name: "a.c", directory: 1 }, { name: "b.c", directory: 1 }] };
const context = (encoding: DwarfEncoding): LineContext => ({
  endianness: encoding.endianness,
  where: ".debug_line",
  addressSize: encoding.addressSize,
  base: { high: 0, low: 0 },
});

const row = fc.record({ step: fc.nat(300), file: fc.nat(5), line: fc.nat(5000), column: fc.nat(200) });
const sequence = fc.record({ start: fc.nat(1000), rows: fc.array(row, { minLength: 1, maxLength: 12 }), rest: fc.integer({ min: 1, max: 50 }) });
const encoding = fc.record<DwarfEncoding>({
  version: fc.constantFrom(2, 3, 4, 5),
  offsetSize: fc.constantFrom(4, 8),
  addressSize: fc.constantFrom(4, 8),
  endianness: fc.constantFrom("little", "big"),
});

/** Sequences one after another, none overlapping. */
function layOut(list: readonly { start: number; rows: readonly { step: number; file: number; line: number; column: number }[]; rest: number }[]): SequenceSpec[] {
  let address = 0;
  return list.map(({ start, rows, rest }) => {
    address += start;
    const placed = rows.map(({ step, ...own }) => ({ ...own, address: BigInt((address += step)) }));
    address += rest;
    return { rows: placed, end: BigInt(address) };
  });
}

describe("LineProgram", () => {
  it("finds for every address the last row at or before it, in each version and encoding", () => {
    fc.assert(
      fc.property(encoding, fc.array(sequence, { maxLength: 4 }), (form, list) => {
        const sequences = layOut(list);
        const table = new LineProgram(writeLineProgram({ ...tables, sequences }, form, strings), 0, context(form));
        const addresses = sequences.flatMap(({ rows, end }) => [...rows.flatMap(({ address }) => [address - 1n, address, address + 1n]), end - 1n, end]);
        for (const address of addresses.filter((value) => value >= 0n)) {
          const own = sequences.find(({ rows, end }) => address >= (rows[0]?.address ?? end) && address < end);
          const expected = own?.rows.filter((candidate) => candidate.address <= address).at(-1);
          assert.deepEqual(table.lineAt(Number(address)), expected && { file: expected.file, line: expected.line, column: expected.column });
        }
      }),
      { numRuns: 300 },
    );
  });

  it("answers the same from the stops of an earlier run, in any order of questions", () => {
    fc.assert(
      fc.property(encoding, fc.array(sequence, { maxLength: 4 }), fc.array(fc.nat(12_000), { maxLength: 40 }), (form, list, addresses) => {
        const bytes = writeLineProgram({ ...tables, sequences: layOut(list) }, form, strings);
        const [first, second] = [new LineProgram(bytes, 0, context(form)), new LineProgram(bytes, 0, context(form))];
        const stops = new LineProgram(bytes, 0, context(form)).stops();
        assert.ok(stops);
        second.restore(stops);
        for (const address of addresses) assert.deepEqual(second.lineAt(address), first.lineAt(address));
      }),
      { numRuns: 300 },
    );
  });

  const program = (...body: readonly number[]): LineProgram => {
    const header = new ByteWriter().u8(4).u8(1).u8(1).u8(-3).u8(12).u8(14).raw([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 2]);
    header.cstring("inc").u8(0).cstring("a.c").uleb(1).uleb(0).uleb(0).u8(0);
    const unit = new ByteWriter().u16(4).u32(header.length).raw(header.done()).raw(body);
    return new LineProgram(withLength(unit, { ...dwarf5, version: 4 }), 0, context(dwarf5));
  };
  const setAddress = (low: number): number[] => [0, 9, 2, low, 0, 0, 0, 0, 0, 0, 0];
  const end = [0, 1, 1];

  it("multiplies advances by the instruction length, and knows const_add_pc and fixed_advance_pc", () => {
    // minimum_instruction_length 4; special 255 - 14 = 241, 241 / 12 = 20 instructions.
    const table = program(...setAddress(0x10), 1, 8, 1, 3, 7, 1, 9, 2, 0, 3, 1, 1, ...end);
    assert.equal(table.lineAt(0x10 + 79)?.line, 1);
    assert.equal(table.lineAt(0x10 + 80)?.line, 8, "the last of the rows at one address counts");
    assert.equal(table.lineAt(0x10 + 81)?.line, 8);
    assert.equal(table.lineAt(0x10 + 82), undefined);
  });

  it("has no stops where addresses go back, or files are defined on the way", () => {
    assert.equal(program(...setAddress(0x40), 1, ...setAddress(0x20), 1, ...end).stops(), undefined);
    assert.equal(program(...setAddress(0x40), 0, 6, 3, 0x78, 0, 0, 0, 0, 1, ...end).stops(), undefined);
    assert.ok(program(...setAddress(0x40), 1, ...end).stops());
  });

  it("passes over unknown standard and extended opcodes", () => {
    // Opcode 13 has two operands by the header; extended 0x80 has three bytes.
    const table = program(...setAddress(0x20), 13, 0x81, 0x01, 7, 0, 4, 0x80, 1, 2, 3, 3, 4, 1, 2, 1, ...end);
    assert.equal(table.lineAt(0x21)?.line, 5);
  });

  it("defines files while it runs", () => {
    const define = [0, 8, 3, ...Buffer.from("n.c\0"), 1, 0, 0];
    const table = program(...define, ...setAddress(0x20), 4, 2, 1, 2, 1, ...end);
    assert.equal(table.lineAt(0x20)?.file, 2);
    assert.deepEqual([0, 1, 2, 3].map((file) => table.header.tables.file(file)?.directory), [undefined, 1, 1, undefined]);
  });

  it("does not take a sequence without an address, of code the linker dropped, for code at the start", () => {
    const base = { high: 0xffff_ffff, low: 0x8100_0000 };
    const bytes = writeLineProgram({ ...tables, sequences: [{ rows: [{ address: 0n, file: 1, line: 9 }], end: 16n }] }, dwarf5, strings);
    assert.equal(new LineProgram(bytes, 0, { ...context(dwarf5), base }).lineAt(3), undefined);
  });

  it("ends with a table or a DomainError on damaged bytes", () => {
    const good = writeLineProgram({ ...tables, sequences: layOut([{ start: 5, rows: [{ step: 1, file: 1, line: 70, column: 2 }], rest: 9 }]) }, dwarf5, strings);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 5 }), fc.nat(good.length), (changes, length) => {
        const bytes = good.slice(0, length);
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        try {
          const table = new LineProgram(bytes, 0, context(dwarf5));
          table.header.tables.file(table.lineAt(7)?.file ?? 1);
        } catch (error) {
          assert.ok(error instanceof DomainError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
