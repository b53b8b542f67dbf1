import { DW_AT, DW_FORM, DW_TAG } from "../../src/dwarf/constants";
import { writeAranges, writeLineProgram, writeRanges, type RangeSpec, type SequenceSpec } from "./dwarfTables";
import { dwarf5, DwarfWriter, type AttributeSpec, type DwarfEncoding, type EntrySpec } from "./dwarfWriter";
import { alloc, buildIdSection, execinstr, writeElf, type ElfSpec, type SectionSpec, type SymbolSpec } from "./elfWriter";

export interface InlinedSpec {
  readonly name: string;
  readonly ranges: RangeSpec;
  /** file:line:column of the call, file as an index of the table. */
  readonly call: readonly [file: number, line: number, column: number];
  readonly inlined?: readonly InlinedSpec[];
  /** Stands in a lexical block of its own. */
  readonly inBlock?: boolean;
}

export interface FunctionSpec {
  readonly name: string;
  readonly ranges: RangeSpec;
  readonly inlined?: readonly InlinedSpec[];
}

export interface UnitSpec {
  readonly name: string;
  readonly compDir: string;
  readonly directories?: readonly string[];
  readonly files: readonly { readonly name: string; readonly directory: number }[];
  readonly functions: readonly FunctionSpec[];
  readonly sequences: readonly SequenceSpec[];
  /** Left out of .debug_aranges. */
  readonly unlisted?: boolean;
}

export interface KernelSpec {
  readonly units: readonly UnitSpec[];
  readonly symbols: readonly SymbolSpec[];
  readonly text: readonly [start: bigint, size: number];
  readonly buildId?: string;
  readonly encoding?: DwarfEncoding;
  readonly elf?: Pick<ElfSpec, "type" | "machine">;
  /** Changes the debug sections before they are written: compress, damage, leave out. */
  readonly transform?: (sections: readonly SectionSpec[]) => readonly SectionSpec[];
}

/** A small linked file with symbols, a build id and debug information. */
export function writeKernel(spec: KernelSpec): Uint8Array {
  const { encoding = dwarf5, text } = spec;
  const debug = debugSections(spec.units, encoding);
  const sections: SectionSpec[] = [{ name: ".text", flags: alloc | execinstr, address: text[0], bytes: new Uint8Array(text[1]) }];
  if (spec.buildId !== undefined) sections.push(buildIdSection(spec.buildId, encoding.endianness));
  return writeElf({
    ...spec.elf,
    wordSize: encoding.addressSize,
    endianness: encoding.endianness,
    sections: [...sections, ...(spec.transform?.(debug) ?? debug)],
    symbols: spec.symbols,
  });
}

export function debugSections(units: readonly UnitSpec[], encoding: DwarfEncoding): SectionSpec[] {
  const writer = new DwarfWriter(encoding);
  const lists: RangeSpec[] = [];
  const ranges = writeRanges(units.flatMap(listsOf), encoding);
  const lines: number[] = [];
  const aranges: { unit: number; ranges: readonly (readonly [bigint, bigint])[] }[] = [];
  for (const unit of units) {
    const build = new UnitBuilder(unit, encoding, () => ranges.offsets[lists.push([]) - 1] ?? 0);
    const offset = writer.unit(build.root(lines.length));
    lines.push(...writeLineProgram({ directories: [], ...unit }, encoding, writer));
    if (!unit.unlisted) aranges.push({ unit: offset, ranges: unit.sequences.map(extentOf) });
  }
  return [
    ...writer.sections(),
    { name: ".debug_line", bytes: Uint8Array.from(lines) },
    { name: ".debug_aranges", bytes: writeAranges(aranges, encoding) },
    { name: ranges.name, bytes: ranges.bytes },
  ];
}

const extentOf = ({ rows, end }: SequenceSpec): readonly [bigint, bigint] => [rows[0]?.address ?? end, end - (rows[0]?.address ?? end)];

/** The range lists of a unit, in the order in which the builder asks for them. */
function listsOf({ functions }: UnitSpec): RangeSpec[] {
  const ofInlined = ({ ranges, inlined = [] }: InlinedSpec): RangeSpec[] => [...(ranges.length > 1 ? [ranges] : []), ...inlined.flatMap(ofInlined)];
  return functions.flatMap(({ ranges, inlined = [] }) => [...(ranges.length > 1 ? [ranges] : []), ...inlined.flatMap(ofInlined)]);
}

class UnitBuilder {
  private readonly offsetForm: number;

  constructor(
    private readonly unit: UnitSpec,
    private readonly encoding: DwarfEncoding,
    private readonly nextList: () => number,
  ) {
    this.offsetForm = encoding.version >= 4 ? DW_FORM.sec_offset : DW_FORM.data4;
  }

  root(lineOffset: number): EntrySpec {
    const { name, compDir, functions } = this.unit;
    const abstract = new Set<string>();
    const collect = ({ name: own, inlined = [] }: InlinedSpec): void => {
      abstract.add(own);
      inlined.forEach(collect);
    };
    for (const { inlined = [] } of functions) inlined.forEach(collect);
    return {
      tag: DW_TAG.compile_unit,
      attributes: [
        [DW_AT.language, DW_FORM.data1, 0x0c],
        [DW_AT.name, DW_FORM.strp, name],
        [DW_AT.comp_dir, DW_FORM.string, compDir],
        [DW_AT.stmt_list, this.offsetForm, lineOffset],
        [DW_AT.low_pc, DW_FORM.addr, 0],
      ],
      children: [
        // A type that nobody wants stands in the way, with a block and a sibling.
        { tag: DW_TAG.structure_type, attributes: [[DW_AT.sibling, DW_FORM.ref4, { entry: `${name}:after` }], [0x0b, DW_FORM.udata, 300]], children: [{ tag: 0x0d, attributes: [[DW_AT.name, DW_FORM.string, "member"]] }] },
        { tag: 0x24, attributes: [[0x0b, DW_FORM.data1, 4]], label: `${name}:after` },
        ...[...abstract].map((own): EntrySpec => ({ tag: DW_TAG.subprogram, attributes: [[DW_AT.name, DW_FORM.strp, own]], label: `${name}:${own}` })),
        ...functions.map((own) => this.function(own)),
      ],
    };
  }

  private function({ name, ranges, inlined = [] }: FunctionSpec): EntrySpec {
    const attributes: AttributeSpec[] = [[DW_AT.name, DW_FORM.strp, name], ...this.ranges(ranges)];
    const children: EntrySpec[] = [{ tag: 0x05, attributes: [[DW_AT.name, DW_FORM.string, "parameter"]] }, ...inlined.map((own) => this.inlined(own))];
    return { tag: DW_TAG.subprogram, attributes, children };
  }

  private inlined(spec: InlinedSpec): EntrySpec {
    const { name, ranges, call, inlined = [], inBlock } = spec;
    const attributes: AttributeSpec[] = [
      [DW_AT.abstract_origin, DW_FORM.ref4, { entry: `${this.unit.name}:${name}` }],
      ...this.ranges(ranges),
      [DW_AT.call_file, DW_FORM.data1, call[0]],
      [DW_AT.call_line, DW_FORM.data2, call[1]],
      [DW_AT.call_column, DW_FORM.data1, call[2]],
    ];
    const entry = { tag: DW_TAG.inlined_subroutine, attributes, children: inlined.map((own) => this.inlined(own)) };
    return inBlock ? { tag: DW_TAG.lexical_block, attributes: [], children: [entry] } : entry;
  }

  private ranges(ranges: RangeSpec): AttributeSpec[] {
    const [[low, high] = [0n, 0n]] = ranges;
    if (ranges.length > 1) return [[DW_AT.ranges, this.offsetForm, this.nextList()]];
    if (this.encoding.version < 4) return [[DW_AT.low_pc, DW_FORM.addr, low], [DW_AT.high_pc, DW_FORM.addr, high]];
    return [[DW_AT.low_pc, DW_FORM.addr, low], [DW_AT.high_pc, DW_FORM.udata, high - low]];
  }
}

export const kernelStart = 0xffff_ffff_8100_0000n;

/**
 * Two functions. `tcp_send` has an inlined chain in its middle (two levels, the inner in two pieces and in a
 * block) and a cold part; `entry` is assembler: symbol and lines, no entry in the debug information.
 */
export function sampleKernel(overrides: Partial<KernelSpec> = {}): KernelSpec {
  const at = (offset: number): bigint => (overrides.text?.[0] ?? kernelStart) + BigInt(offset);
  // From version 5 on file 0 is the primary file, repeated as file 1.
  const first = { name: "tcp.c", directory: 1 };
  const files = [first, { name: "sock.h", directory: 2 }, { name: "entry.S", directory: 0 }];
  const version = overrides.encoding?.version ?? 5;
  return {
    text: [kernelStart, 0x200],
    symbols: [
      { name: "_stext", value: at(0), type: 0, section: ".text" },
      { name: "tcp_send", value: at(0), size: 0x40, section: ".text" },
      { name: "helper", value: at(0x50), size: 0x10, section: ".text", binding: 0 },
      { name: "helper", value: at(0x60), size: 0x20, section: ".text", binding: 0 },
      { name: "tcp_send.cold", value: at(0x80), size: 0x10, section: ".text", binding: 0 },
      { name: "entry", value: at(0x100), type: 0, section: ".text" },
    ],
    units: [
      {
        name: "net/ipv4/tcp.c",
        compDir: "/build/linux-6.1.5",
        directories: ["net/ipv4", "./include/net"],
        files: version >= 5 ? [first, ...files] : files,
        functions: [
          {
            name: "tcp_send",
            ranges: [[at(0), at(0x40)], [at(0x80), at(0x90)]],
            inlined: [
              {
                name: "sock_hold",
                ranges: [[at(0x10), at(0x30)]],
                call: [1, 120, 3],
                inlined: [{ name: "refcount_inc", ranges: [[at(0x14), at(0x18)], [at(0x20), at(0x24)]], call: [2, 77, 9], inBlock: true }],
              },
            ],
          },
          { name: "helper", ranges: [[at(0x50), at(0x60)]] },
          { name: "helper", ranges: [[at(0x60), at(0x80)]] },
        ],
        sequences: [
          {
            rows: [
              { address: at(0), file: 1, line: 110, column: 1 },
              { address: at(0x10), file: 2, line: 76, column: 2 },
              { address: at(0x14), file: 2, line: 30, column: 5 },
              { address: at(0x18), file: 2, line: 78 },
              { address: at(0x20), file: 2, line: 31, column: 5 },
              { address: at(0x30), file: 1, line: 125, column: 8 },
              { address: at(0x50), file: 1, line: 300 },
              { address: at(0x60), file: 1, line: 400 },
            ],
            end: at(0x80),
          },
          { rows: [{ address: at(0x80), file: 1, line: 128 }], end: at(0x90) },
        ],
      },
      {
        name: "/build/linux-6.1.5/arch/x86/entry/entry.S",
        compDir: "/build/linux-6.1.5",
        directories: ["/build/linux-6.1.5/arch/x86/entry"],
        files: [{ name: "entry.S", directory: 1 }, { name: "entry.S", directory: 1 }],
        functions: [],
        sequences: [{ rows: [{ address: at(0x100), file: 1, line: 50 }, { address: at(0x108), file: 1, line: 51 }], end: at(0x110) }],
      },
    ],
    buildId: "3b43fad5aabbccdd3b43fad5aabbccdd3b43fad5",
    ...overrides,
  };
}
