import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteReader } from "../../src/base/byteReader";
import { DomainError } from "../../src/base/errors";
import { parseAbbrevTable } from "../../src/dwarf/abbrev";
import { parseAranges } from "../../src/dwarf/aranges";
import { scanAranges } from "../../src/dwarf/arangesScan";
import { DW_AT, DW_FORM, DW_TAG } from "../../src/dwarf/constants";
import { DwarfFile } from "../../src/dwarf/dwarfFile";
import { readNumber, skipForm } from "../../src/dwarf/form";
import { dwarfSections } from "../../src/dwarf/sections";
import { layoutOf } from "../../src/elf/addressLayout";
import { openElf } from "../../src/elf/elfFile";
import { ByteWriter } from "../support/byteWriter";
import { withLength, writeAranges } from "../support/dwarfTables";
import { dwarf5, DwarfWriter, type AttributeSpec, type EntrySpec } from "../support/dwarfWriter";
import { writeElf, type SectionSpec } from "../support/elfWriter";
import { memoryFile, read } from "../support/memoryFile";

const numeric = Object.values(DW_FORM).filter((form) => form !== DW_FORM.indirect && form !== DW_FORM.string);

describe("forms", () => {
  it("are read and passed over in the same number of bytes", () => {
    const encoding = fc.record({ version: fc.constantFrom(2, 3, 4, 5), offsetSize: fc.constantFrom(4 as const, 8 as const), addressSize: fc.constantFrom(4, 8) });
    fc.assert(
      fc.property(fc.constantFrom(...numeric), encoding, fc.nat(7), (form, shape, first) => {
        // A short LEB128 number, block length or 64-bit offset, so that everything fits.
        const bytes = Uint8Array.of(first, ...new Uint8Array(23));
        const [skipped, number] = [new ByteReader(bytes, "little", "test"), new ByteReader(bytes, "little", "test")];
        skipForm(skipped, form, shape);
        readNumber(number, form, shape, 7);
        assert.equal(number.offset, skipped.offset);
      }),
    );
  });

  it("name an unknown form with its place", () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3), "little", "vmlinux: .debug_info", 0, 0x100);
    assert.throws(() => skipForm(reader, 0x7f, dwarf5), { code: "dwarf/unknown-form", where: "vmlinux: .debug_info+0x100" });
  });

  it("do not follow an indirect form into itself", () => {
    const reader = new ByteReader(new Uint8Array(100_000).fill(DW_FORM.indirect), "little", "test");
    assert.throws(() => skipForm(reader, DW_FORM.indirect, dwarf5), { code: "dwarf/unknown-form" });
  });
});

describe("parseAbbrevTable", () => {
  it("joins unwanted attributes into one skip, and keeps codes in any order", () => {
    const writer = new ByteWriter();
    const declare = (code: number, tag: number, ...attributes: number[]): void => {
      writer.uleb(code).uleb(tag).u8(0);
      for (const value of [...attributes, 0, 0]) writer.uleb(value);
    };
    declare(7, DW_TAG.subprogram, 0x3a, DW_FORM.data1, 0x3b, DW_FORM.data2, DW_AT.low_pc, DW_FORM.addr, 0x49, DW_FORM.ref4, 0x02, DW_FORM.exprloc, 0x3f, DW_FORM.flag_present);
    declare(1_000_000, 0x24, DW_AT.name, DW_FORM.strp, 0x0b, DW_FORM.data1);
    const table = parseAbbrevTable(new ByteReader(writer.u8(0).done(), "little", "test"), dwarf5);
    assert.deepEqual(table.get(7)?.steps.map(({ skip, attribute, form }) => [skip, attribute, form]), [[3, DW_AT.low_pc, DW_FORM.addr], [4, 0, DW_FORM.exprloc]]);
    assert.deepEqual([table.get(1_000_000)?.steps.length, table.get(1_000_000)?.tail], [0, 5]);
    assert.equal(table.get(1), undefined);
  });
});

describe("parseAranges", () => {
  it("finds the unit of each address, in each encoding", () => {
    const piece = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 40 }));
    const encodings = fc.record({ version: fc.constant(5 as const), offsetSize: fc.constantFrom(4 as const, 8 as const), addressSize: fc.constantFrom(4 as const, 8 as const), endianness: fc.constantFrom("little" as const, "big" as const) });
    fc.assert(
      fc.property(encodings, fc.array(piece, { maxLength: 12 }), (encoding, pieces) => {
        let next = 0x1000;
        const placed = pieces.map(([gap, length], index) => ({ unit: (index % 3) * 100, low: (next += gap), length, end: (next += length) }));
        const sets = [0, 100, 200].map((unit) => ({ unit, ranges: placed.filter((own) => own.unit === unit).map(({ low, length }) => [BigInt(low), BigInt(length)] as const) }));
        const bytes = writeAranges(sets, encoding);
        const ranges = parseAranges(new ByteReader(bytes, encoding.endianness, "test"), { high: 0, low: 0 });
        const all = Array.from({ length: next + 3 - 0x0fff }, (_, index) => 0x0fff + index);
        const scanned = scanAranges(bytes, encoding.endianness, { high: 0, low: 0 }, all);
        for (const pc of all) {
          const own = placed.find(({ low, end }) => pc >= low && pc < end);
          assert.equal(ranges.unitOf(pc), own?.unit);
          const isScanned = encoding.offsetSize === 4 && encoding.addressSize === 8;
          assert.equal(scanAranges(bytes, encoding.endianness, { high: 0, low: 0 }, [pc]).get(pc), isScanned ? own?.unit : undefined);
          assert.equal(scanned.get(pc), isScanned ? own?.unit : undefined);
          if (!own) assert.ok(ranges.gap(pc).start <= pc && pc < ranges.gap(pc).end);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("fails only with DomainErrors on damaged bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        try {
          scanAranges(bytes, "little", { high: 0, low: 0 }, [1, 200, 2 ** 33]);
          parseAranges(new ByteReader(bytes, "little", "test"), { high: 0, low: 0 });
        } catch (error) {
          assert.ok(error instanceof DomainError);
        }
      }),
    );
  });
});

/** A file without lines; what `locate` says of the functions at a pc. */
function names(units: readonly EntrySpec[], more: readonly SectionSpec[] = [], version: 4 | 5 = 5): (pc: number) => string {
  const writer = new DwarfWriter({ ...dwarf5, version });
  for (const unit of units) writer.unit(unit);
  const elf = read(openElf(memoryFile(writeElf({ sections: [...writer.sections(), ...more] }))));
  const layout = layoutOf(elf);
  const file = new DwarfFile(dwarfSections(elf, layout)!);
  return (pc) => read(file.locate(pc))?.frames.map(({ function: name }) => name).join(" < ") ?? "none";
}

const unit = (attributes: readonly AttributeSpec[], ...children: EntrySpec[]): EntrySpec => ({ tag: DW_TAG.compile_unit, attributes, children });
const subprogram = (attributes: readonly AttributeSpec[], children?: EntrySpec[], label?: string): EntrySpec => ({ tag: DW_TAG.subprogram, attributes, ...(children && { children }), ...(label !== undefined && { label }) });
const named = (name: string): AttributeSpec => [DW_AT.name, DW_FORM.strp, name];
const code = (low: number, size: number): AttributeSpec[] => [[DW_AT.low_pc, DW_FORM.addr, low], [DW_AT.high_pc, DW_FORM.data4, size]];

describe("entries", () => {
  it("take names from other units through DW_FORM_ref_addr, from partial units too", () => {
    const shared: EntrySpec = { tag: DW_TAG.partial_unit, attributes: [named("shared")], children: [subprogram([named("shared_helper")], undefined, "helper")] };
    const inlined: EntrySpec = { tag: DW_TAG.inlined_subroutine, attributes: [[DW_AT.abstract_origin, DW_FORM.ref_addr, { entry: "helper" }], ...code(0x14, 4)] };
    const at = names([shared, unit(code(0x10, 0x10), subprogram([named("outer"), ...code(0x10, 0x10)], [inlined]))]);
    assert.deepEqual([at(0x14), at(0x18), at(0x20)], ["shared_helper < outer", "outer", "none"]);
  });

  it("refuse a reference to ranges that is no number", () => {
    const block = subprogram([named("odd"), [DW_AT.ranges, DW_FORM.exprloc, Uint8Array.of(1, 2)]]);
    const at = names([unit(code(0x10, 8), block)], [{ name: ".debug_rnglists", bytes: new Uint8Array(64) }]);
    assert.throws(() => at(0x10), { code: "elf/truncated", where: /debug_rnglists/ });
  });

  it("follow specification and origin, but not in circles", () => {
    const declaration = subprogram([named("declared")], undefined, "declaration");
    const definition = subprogram([[DW_AT.specification, DW_FORM.ref4, { entry: "declaration" }], ...code(0x10, 8)]);
    const circle = subprogram([[DW_AT.abstract_origin, DW_FORM.ref4, { entry: "circle" }], ...code(0x20, 8)], undefined, "circle");
    const at = names([unit(code(0x10, 0x20), declaration, definition, circle)]);
    assert.deepEqual([at(0x10), at(0x20)], ["declared", ""]);
  });

  it("find functions inside of namespaces and types where the language has them", () => {
    const inner: EntrySpec = { tag: DW_TAG.namespace, attributes: [named("kernel")], children: [{ tag: DW_TAG.structure_type, attributes: [[DW_AT.sibling, DW_FORM.ref4, { entry: "next" }]], children: [subprogram([named("method"), ...code(0x10, 8)])] }, { tag: 0x24, attributes: [], label: "next" }] };
    const rust: AttributeSpec = [DW_AT.language, DW_FORM.data1, 0x1c];
    assert.equal(names([unit([rust, ...code(0x10, 8)], inner)])(0x12), "method");
  });

  it("read indexed addresses, strings and range lists", () => {
    const addr = withLength(new ByteWriter().u16(5).u8(8).u8(0).u64(0x10).u64(0x40), dwarf5);
    // One list: an offset pair on an indexed base, a start with length, both by index.
    const list = new ByteWriter().u8(1).uleb(0).u8(4).uleb(0).uleb(8).u8(3).uleb(1).uleb(4).u8(0).done();
    const rnglists = withLength(new ByteWriter().u16(5).u8(8).u8(0).u32(1).u32(4).raw(list), dwarf5);
    const strOffsets = withLength(new ByteWriter().u16(5).u16(0).u32(6), dwarf5);
    const more = [{ name: ".debug_addr", bytes: addr }, { name: ".debug_rnglists", bytes: rnglists }, { name: ".debug_str_offsets", bytes: strOffsets }];
    const root: AttributeSpec[] = [[DW_AT.low_pc, DW_FORM.addrx, 0], [DW_AT.ranges, DW_FORM.rnglistx, 0], [DW_AT.addr_base, DW_FORM.sec_offset, 8], [DW_AT.rnglists_base, DW_FORM.sec_offset, 12], [DW_AT.str_offsets_base, DW_FORM.sec_offset, 8]];
    const pieces = subprogram([[DW_AT.name, DW_FORM.strx, 0], [DW_AT.ranges, DW_FORM.rnglistx, 0]]);
    const at = names([unit([...root, named("indexed")], pieces)], more);
    assert.deepEqual([at(0x10), at(0x17), at(0x18), at(0x43), at(0x44)], ["indexed", "indexed", "none", "indexed", "none"]);
  });

  it("read lists of .debug_ranges with a base address entry", () => {
    const ranges = new ByteWriter().u64(0).u64(4).u64(0xffff_ffff_ffff_ffffn).u64(0x100).u64(8).u64(12).u64(0).u64(0).done();
    const root = unit([[DW_AT.low_pc, DW_FORM.addr, 0x20], [DW_AT.ranges, DW_FORM.sec_offset, 0]], subprogram([named("split"), [DW_AT.ranges, DW_FORM.sec_offset, 0]]));
    const at = names([root], [{ name: ".debug_ranges", bytes: ranges }], 4);
    assert.deepEqual([at(0x20), at(0x24), at(0x108), at(0x10c)], ["split", "none", "split", "none"]);
  });

  it("keep the inner of overlapping calls inside of the outer one", () => {
    const call = (label: string, low: number, size: number, children: EntrySpec[] = []): EntrySpec => ({ tag: DW_TAG.inlined_subroutine, attributes: [[DW_AT.abstract_origin, DW_FORM.ref4, { entry: label }], ...code(low, size)], children });
    const root = unit(code(0x10, 0x40), subprogram([named("a")], undefined, "a"), subprogram([named("b")], undefined, "b"),
      subprogram([named("f"), ...code(0x10, 0x40)], [call("a", 0x14, 8, [call("b", 0x18, 8)]), call("b", 0x20, 8)]));
    const at = names([root]);
    assert.deepEqual([at(0x14), at(0x18), at(0x1c), at(0x20)], ["a < f", "b < a < f", "f", "b < f"]);
  });
});
