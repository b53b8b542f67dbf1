import type { ByteReader } from "../base/byteReader";
import { DW_FORM, DW_LNCT } from "./constants";
import { readInitialLength, readOffset, type Encoding } from "./encoding";
import { readNumber, skipForm, type StringRef } from "./form";

export interface LineFile {
  readonly name: StringRef;
  /** Index into `directories`. */
  readonly directory: number;
}

/** The header of a line number program (DWARF 6.2.4; versions 2 to 4 in their own words). */
export interface LineHeader extends Encoding {
  readonly minInstructionLength: number;
  readonly maxOpsPerInstruction: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Number of operands of standard opcodes, from opcode 1 on. */
  readonly operandCounts: readonly number[];
  /** As the file table counts them: entry 0 is the compilation directory, explicit in DWARF 5 (undefined before). */
  readonly directories: readonly (StringRef | undefined)[];
  /** From index 0 in DWARF 5, from 1 before. */
  readonly files: (LineFile | undefined)[];
  /** Where the program begins, from the start of the bytes. */
  readonly program: number;
  /** Where it ends. */
  readonly end: number;
}

/** `reader` stands at the start of the unit in .debug_line; `addressSize` is that of the compile unit, for versions that do not say. */
export function parseLineHeader(reader: ByteReader, addressSize: number): LineHeader {
  const { length, offsetSize } = readInitialLength(reader);
  const end = reader.offset + length;
  if (end > reader.length) throw reader.error("line program reaches beyond the section", "dwarf/bad-line-program");
  const version = reader.u16();
  if (version < 2 || version > 5) throw reader.error(`line program of version ${version}`, "dwarf/bad-line-program");
  const ownAddressSize = version >= 5 ? reader.u8() : addressSize;
  if (version >= 5) reader.skip(1); // segment selector size
  const encoding = { version, offsetSize, addressSize: ownAddressSize };
  const headerLength = readOffset(reader, offsetSize);
  const program = reader.offset + headerLength;
  if (program > end) throw reader.error("line program header reaches beyond the program", "dwarf/bad-line-program");
  const machine = readMachine(reader, version);
  const tables = version >= 5 ? readTables5(reader, encoding) : readTables(reader);
  return { ...encoding, ...machine, ...tables, program, end };
}

function readMachine(reader: ByteReader, version: number): Pick<LineHeader, "minInstructionLength" | "maxOpsPerInstruction" | "lineBase" | "lineRange" | "opcodeBase" | "operandCounts"> {
  const minInstructionLength = reader.u8();
  const maxOpsPerInstruction = version >= 4 ? Math.max(1, reader.u8()) : 1;
  reader.skip(1); // default_is_stmt
  const lineBase = reader.i8();
  const lineRange = reader.u8();
  if (lineRange === 0) throw reader.error("line range 0", "dwarf/bad-line-program");
  const opcodeBase = reader.u8();
  const operandCounts = Array.from({ length: Math.max(0, opcodeBase - 1) }, () => reader.u8());
  return { minInstructionLength, maxOpsPerInstruction, lineBase, lineRange, opcodeBase, operandCounts };
}

function readTables(reader: ByteReader): Pick<LineHeader, "directories" | "files"> {
  const directories: (StringRef | undefined)[] = [undefined];
  for (let name = readInline(reader); name; name = readInline(reader)) directories.push(name);
  const files: (LineFile | undefined)[] = [undefined];
  for (let name = readInline(reader); name; name = readInline(reader)) files.push(readFileRest(reader, name));
  return { directories, files };
}

/** A string of the table itself; undefined for the empty one that ends a table. */
export function readInline(reader: ByteReader): StringRef | undefined {
  const at = reader.base + reader.offset;
  if (reader.u8() === 0) return undefined;
  while (reader.u8() !== 0);
  return { form: DW_FORM.string, value: at };
}

export function readFileRest(reader: ByteReader, name: StringRef): LineFile {
  const directory = reader.uleb();
  reader.skipLeb(); // time of last change
  reader.skipLeb(); // length
  return { name, directory };
}

function readTables5(reader: ByteReader, encoding: Encoding): Pick<LineHeader, "directories" | "files"> {
  const directories = readEntries(reader, encoding).map(({ name }) => name);
  return { directories, files: readEntries(reader, encoding) };
}

function readEntries(reader: ByteReader, encoding: Encoding): LineFile[] {
  const formats = Array.from({ length: reader.u8() }, () => ({ content: reader.uleb(), form: reader.uleb() }));
  const count = reader.uleb();
  const entries: LineFile[] = [];
  for (let index = 0; index < count; index++) {
    const before = reader.offset;
    entries.push(readEntry(reader, encoding, formats));
    // A damaged format of no bytes would give any number of entries.
    if (reader.offset === before) throw reader.error("file table entries without content", "dwarf/bad-line-program");
  }
  return entries;
}

function readEntry(reader: ByteReader, encoding: Encoding, formats: readonly { content: number; form: number }[]): LineFile {
  let name: StringRef = { form: 0, value: 0 };
  let directory = 0;
  for (const { content, form } of formats) {
    if (content === DW_LNCT.path) name = readPath(reader, encoding, form);
    else if (content === DW_LNCT.directory_index) directory = readNumber(reader, form, encoding, 0);
    else skipForm(reader, form, encoding);
  }
  return { name, directory };
}

function readPath(reader: ByteReader, encoding: Encoding, form: number): StringRef {
  const value = reader.base + reader.offset;
  if (form !== DW_FORM.string) return { form, value: readNumber(reader, form, encoding, 0) };
  skipForm(reader, form, encoding);
  return { form, value };
}
