import { ByteReader } from "../base/byteReader";
import { DW_FORM, DW_LNCT } from "./constants";
import { readInitialLength, readOffset, type Encoding } from "./encoding";
import { fixedFormSize, readNumber, skipForm, type StringRef } from "./form";

export interface LineFile {
  readonly name: StringRef;
  /** Index into `directories`. */
  readonly directory: number;
}

type Formats = readonly { readonly content: number; readonly form: number }[];

/** Where the entries of a table begin, and in DWARF 5 what they consist of. */
interface EntryPlaces {
  readonly formats: Formats;
  readonly count: number;
  readonly startOf: (index: number) => number | undefined;
}

/**
 * The directories and files of a line number program. There are hundreds of files and a lookup wants
 * few: where entries begin is found as far as one is asked for, an entry is read when it is.
 */
export class LineTables {
  private readonly reader: ByteReader;
  private readonly start: number;
  private places: { readonly directories: EntryPlaces; readonly files: EntryPlaces } | undefined;
  private readonly defined: LineFile[] = [];

  /** `reader` stands at the first table. */
  constructor(
    reader: ByteReader,
    private readonly encoding: Encoding,
  ) {
    this.reader = new ByteReader(reader.bytes, reader.endianness, reader.where, reader.offset, reader.base);
    this.start = reader.offset;
  }

  /** By its number: from 0 in DWARF 5, from 1 before. */
  file(index: number): LineFile | undefined {
    const { startOf, count, formats } = this.find().files;
    const position = this.encoding.version >= 5 ? index : index - 1;
    const start = position < count ? startOf(position) : undefined;
    if (start === undefined) return this.defined[position - count];
    this.reader.seek(start);
    if (this.encoding.version >= 5) return readEntry(this.reader, this.encoding, formats);
    const name = readInline(this.reader);
    return name && readFileRest(this.reader, name);
  }

  /** By its number: 0 is the compilation directory, explicit in DWARF 5 (undefined before). */
  directory(index: number): StringRef | undefined {
    const { startOf, count, formats } = this.find().directories;
    const position = this.encoding.version >= 5 ? index : index - 1;
    const start = position < count ? startOf(position) : undefined;
    if (start === undefined) return undefined;
    this.reader.seek(start);
    return this.encoding.version >= 5 ? readEntry(this.reader, this.encoding, formats).name : readInline(this.reader);
  }

  /** DW_LNE_define_file. */
  define(file: LineFile): void {
    this.defined.push(file);
  }

  private find(): NonNullable<typeof this.places> {
    if (this.places) return this.places;
    const reader = this.reader.seek(this.start);
    if (this.encoding.version < 5) return (this.places = { directories: findNames(reader), files: findFiles(reader) });
    const directories = findEntries(reader, this.encoding);
    // The files follow the last directory.
    reader.seek(directories.startOf(directories.count) ?? reader.offset);
    return (this.places = { directories, files: findEntries(reader, this.encoding) });
  }
}

function findNames(reader: ByteReader): EntryPlaces {
  const starts: number[] = [];
  for (let start = reader.offset; readInline(reader); start = reader.offset) starts.push(start);
  return placesAt(starts);
}

function findFiles(reader: ByteReader): EntryPlaces {
  const starts: number[] = [];
  for (let start = reader.offset, name = readInline(reader); name; start = reader.offset, name = readInline(reader)) {
    readFileRest(reader, name);
    starts.push(start);
  }
  return placesAt(starts);
}

const placesAt = (starts: readonly number[]): EntryPlaces => ({ formats: [], count: starts.length, startOf: (index) => starts[index] });

/** Entries are gone over as far as one is asked for; the place behind the last is told, too. */
function findEntries(reader: ByteReader, encoding: Encoding): EntryPlaces {
  const formats = Array.from({ length: reader.u8() }, () => ({ content: reader.uleb(), form: reader.uleb() }));
  const count = reader.uleb();
  const first = reader.offset;
  const sizes = formats.map(({ form }) => fixedFormSize(form, encoding));
  const whole = sizes.includes(-1) ? -1 : sizes.reduce((sum, size) => sum + size, 0);
  // A damaged format of no bytes would give any number of entries.
  if (whole === 0 && count > 0) throw reader.error("file table entries without content", "dwarf/bad-line-program");
  const starts = [first];
  const startOf = (index: number): number | undefined => {
    if (!(index >= 0 && index <= count)) return undefined;
    if (whole >= 0) return first + index * whole;
    reader.seek(starts[starts.length - 1] ?? first);
    while (starts.length <= index) {
      for (let position = 0; position < sizes.length; position++) {
        const size = sizes[position] ?? 0;
        const form = formats[position]?.form ?? 0;
        if (size >= 0) reader.skip(size);
        else if (form === DW_FORM.udata) reader.skipLeb();
        else skipForm(reader, form, encoding);
      }
      starts.push(reader.offset);
    }
    return starts[index];
  };
  return { formats, count, startOf };
}

/** The header of a line number program (DWARF 6.2.4; versions 2 to 4 in their own words). */
export interface LineHeader extends Encoding {
  readonly minInstructionLength: number;
  readonly maxOpsPerInstruction: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Number of operands of standard opcodes, from opcode 1 on. */
  readonly operandCounts: Uint8Array;
  readonly tables: LineTables;
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
  return { ...encoding, ...machine, tables: new LineTables(reader, encoding), program, end };
}

function readMachine(reader: ByteReader, version: number): Pick<LineHeader, "minInstructionLength" | "maxOpsPerInstruction" | "lineBase" | "lineRange" | "opcodeBase" | "operandCounts"> {
  const minInstructionLength = reader.u8();
  const maxOpsPerInstruction = version >= 4 ? Math.max(1, reader.u8()) : 1;
  reader.skip(1); // default_is_stmt
  const lineBase = reader.i8();
  const lineRange = reader.u8();
  if (lineRange === 0) throw reader.error("line range 0", "dwarf/bad-line-program");
  const opcodeBase = reader.u8();
  const operandCounts = reader.take(Math.max(0, opcodeBase - 1));
  return { minInstructionLength, maxOpsPerInstruction, lineBase, lineRange, opcodeBase, operandCounts };
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

function readEntry(reader: ByteReader, encoding: Encoding, formats: Formats): LineFile {
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
