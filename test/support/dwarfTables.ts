import { DW_FORM, DW_LNE, DW_LNS } from "../../src/dwarf/constants";
import { ByteWriter } from "./byteWriter";
import type { DwarfEncoding, DwarfWriter } from "./dwarfWriter";

export interface RowSpec {
  readonly address: bigint;
  readonly file: number;
  readonly line: number;
  readonly column?: number;
}

export interface SequenceSpec {
  readonly rows: readonly RowSpec[];
  /** First address behind it. */
  readonly end: bigint;
}

export interface LineSpec {
  /** Without the compilation directory, which is `compDir`. */
  readonly directories: readonly string[];
  /** Index 0 of `directories` is directory 1. Files count from 0 in DWARF 5, from 1 before. */
  readonly files: readonly { readonly name: string; readonly directory: number }[];
  readonly compDir: string;
  readonly sequences: readonly SequenceSpec[];
}

const [lineBase, lineRange, opcodeBase] = [-5, 14, 13];

/** A unit of .debug_line. `strings` holds the paths of DWARF 5. */
export function writeLineProgram(spec: LineSpec, encoding: DwarfEncoding, strings: Pick<DwarfWriter, "string">): Uint8Array {
  const { version, offsetSize, endianness } = encoding;
  const header = new ByteWriter(endianness).u8(1);
  if (version >= 4) header.u8(1);
  header.u8(1).u8(lineBase).u8(lineRange).u8(opcodeBase).raw([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]);
  if (version >= 5) writeTables5(header, spec, encoding, strings);
  else writeTables(header, spec);
  const program = new ByteWriter(endianness);
  for (const sequence of spec.sequences) writeSequence(program, sequence, encoding);
  const unit = new ByteWriter(endianness).u16(version);
  if (version >= 5) unit.u8(encoding.addressSize).u8(0);
  unit.int(BigInt(header.length), offsetSize).raw(header.done()).raw(program.done());
  return withLength(unit, encoding);
}

function writeTables5(writer: ByteWriter, { compDir, directories, files }: LineSpec, { offsetSize }: DwarfEncoding, strings: Pick<DwarfWriter, "string">): void {
  const path = (text: string): ByteWriter => writer.int(BigInt(strings.string(DW_FORM.line_strp, text)), offsetSize);
  writer.u8(1).uleb(1).uleb(DW_FORM.line_strp).uleb(directories.length + 1);
  for (const directory of [compDir, ...directories]) path(directory);
  // An MD5 (DW_LNCT 5, data16) stands among them, as clang writes it.
  writer.u8(3).uleb(1).uleb(DW_FORM.line_strp).uleb(2).uleb(DW_FORM.udata).uleb(5).uleb(DW_FORM.data16).uleb(files.length);
  for (const { name, directory } of files) {
    path(name);
    writer.uleb(directory).raw(new Uint8Array(16));
  }
}

function writeTables(writer: ByteWriter, { directories, files }: LineSpec): void {
  for (const directory of directories) writer.cstring(directory);
  writer.u8(0);
  for (const { name, directory } of files) writer.cstring(name).uleb(directory).uleb(0).uleb(0);
  writer.u8(0);
}

function writeSequence(writer: ByteWriter, { rows, end }: SequenceSpec, { addressSize }: DwarfEncoding): void {
  let [address, line, file, column] = [rows[0]?.address ?? end, 1, 1, 0];
  writer.u8(0).uleb(1 + addressSize).u8(DW_LNE.set_address).int(address, addressSize);
  for (const row of rows) {
    if (row.file !== file) writer.u8(DW_LNS.set_file).uleb((file = row.file));
    if ((row.column ?? 0) !== column) writer.u8(DW_LNS.set_column).uleb((column = row.column ?? 0));
    const special = row.line - line - lineBase + lineRange * Number(row.address - address) + opcodeBase;
    if (row.line - line >= lineBase && row.line - line < lineBase + lineRange && special <= 255) {
      writer.u8(special);
    } else {
      writer.u8(DW_LNS.advance_pc).uleb(row.address - address).u8(DW_LNS.advance_line).sleb(row.line - line).u8(DW_LNS.copy);
    }
    [address, line] = [row.address, row.line];
  }
  writer.u8(DW_LNS.advance_pc).uleb(end - address).u8(0).uleb(1).u8(DW_LNE.end_sequence);
}

export interface ArangeSpec {
  readonly unit: number;
  readonly ranges: readonly (readonly [address: bigint, length: bigint])[];
}

export function writeAranges(sets: readonly ArangeSpec[], encoding: DwarfEncoding): Uint8Array {
  const { offsetSize, addressSize, endianness } = encoding;
  const whole = new ByteWriter(endianness);
  for (const { unit, ranges } of sets) {
    const set = new ByteWriter(endianness).u16(2).int(BigInt(unit), offsetSize).u8(addressSize).u8(0);
    const before = offsetSize === 8 ? 12 : 4;
    while ((before + set.length) % (2 * addressSize) !== 0) set.u8(0);
    for (const [address, length] of [...ranges, [0n, 0n] as const]) set.int(address, addressSize).int(length, addressSize);
    whole.raw(withLength(set, encoding));
  }
  return whole.done();
}

export type RangeSpec = readonly (readonly [low: bigint, high: bigint])[];

/** .debug_ranges (2 to 4) or .debug_rnglists (5) with lists of absolute addresses; the offset of each list. */
export function writeRanges(lists: readonly RangeSpec[], encoding: DwarfEncoding): { readonly name: string; readonly bytes: Uint8Array; readonly offsets: number[] } {
  const { version, addressSize, endianness, offsetSize } = encoding;
  const writer = new ByteWriter(endianness);
  const offsets: number[] = [];
  if (version < 5) {
    for (const list of lists) {
      offsets.push(writer.length);
      for (const [low, high] of [...list, [0n, 0n] as const]) writer.int(low, addressSize).int(high, addressSize);
    }
    return { name: ".debug_ranges", bytes: writer.done(), offsets };
  }
  const start = offsetSize === 8 ? 20 : 12;
  for (const list of lists) {
    offsets.push(start + writer.length);
    for (const [low, high] of list) writer.u8(7).int(low, addressSize).uleb(high - low);
    writer.u8(0);
  }
  const unit = new ByteWriter(endianness).u16(5).u8(addressSize).u8(0).u32(0).raw(writer.done());
  return { name: ".debug_rnglists", bytes: withLength(unit, encoding), offsets };
}

export function withLength(content: ByteWriter, { offsetSize, endianness }: DwarfEncoding): Uint8Array {
  const writer = new ByteWriter(endianness);
  if (offsetSize === 8) writer.u32(0xffff_ffff);
  return writer.int(BigInt(content.length), offsetSize).raw(content.done()).done();
}
