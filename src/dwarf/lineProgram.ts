import { ByteReader } from "../base/byteReader";
import { toPc, type AddressBase } from "../elf/addressLayout";
import { DW_LNE, DW_LNS } from "./constants";
import { readPc } from "./encoding";
import { parseLineHeader, readFileRest, readInline, type LineHeader } from "./lineHeader";
import { LineTable, type LineRows, type LineSequence } from "./lineTable";

/**
 * Runs a line number program (DWARF 6.2.5). Rows are kept whatever their is_stmt says, as a lookup
 * wants the row that covers an address, not a place for a breakpoint. The file register starts at 1
 * in DWARF 5 too, although its tables count from 0.
 *
 * `bytes` are the unit in .debug_line, from its length field on, `offset` its place in the section.
 */
export function runLineProgram(bytes: Uint8Array, offset: number, context: LineContext): LineTable {
  const reader = new ByteReader(bytes, context.endianness, context.where, 0, offset);
  const header = parseLineHeader(reader, context.addressSize);
  const machine = new LineMachine(reader.seek(header.program), header, context.base);
  machine.run();
  return machine.table();
}

export interface LineContext {
  readonly endianness: ByteReader["endianness"];
  readonly where: string;
  /** Of the compile unit. */
  readonly addressSize: number;
  readonly base: AddressBase;
}

let scratch = rowsOf(0x4000);

/** Columns that programs write to, one after the other; what they wrote is copied out. A new set for each would be most of the work. */
function scratchFor(rows: number): LineRows {
  if (scratch.pc.length < rows) scratch = rowsOf(rows);
  return scratch;
}

function rowsOf(count: number): LineRows {
  return { pc: new Float64Array(count), file: new Uint32Array(count), line: new Uint32Array(count), column: new Uint32Array(count) };
}

class LineMachine {
  /** Before the first DW_LNE_set_address it stands for address 0. */
  private pc: number;
  private opIndex = 0;
  private file = 1;
  private line = 1;
  private column = 0;
  private count = 0;
  private first = 0;
  private readonly sequences: LineSequence[] = [];
  private readonly pcs: Float64Array;
  private readonly files: Uint32Array;
  private readonly lines: Uint32Array;
  private readonly columns: Uint32Array;

  constructor(
    private readonly reader: ByteReader,
    private readonly header: LineHeader,
    private readonly base: AddressBase,
  ) {
    this.pc = toPc(base, 0, 0);
    // No opcode is shorter than a byte, and none makes more than one row.
    const rows = scratchFor(header.end - header.program);
    this.pcs = rows.pc;
    this.files = rows.file;
    this.lines = rows.line;
    this.columns = rows.column;
  }

  run(): void {
    const { reader, header } = this;
    const { opcodeBase, lineBase, lineRange, minInstructionLength, maxOpsPerInstruction, end } = header;
    const simple = maxOpsPerInstruction === 1;
    while (reader.offset < end) {
      const opcode = reader.u8();
      if (opcode >= opcodeBase) {
        const adjusted = opcode - opcodeBase;
        const advance = (adjusted / lineRange) | 0;
        if (simple) this.pc += advance * minInstructionLength;
        else this.advance(advance);
        this.line += lineBase + (adjusted - advance * lineRange);
        this.emit();
      } else if (opcode === 0) {
        this.extended();
      } else {
        this.standard(opcode);
      }
    }
  }

  table(): LineTable {
    const rows = {
      pc: this.pcs.slice(0, this.count),
      file: this.files.slice(0, this.count),
      line: this.lines.slice(0, this.count),
      column: this.columns.slice(0, this.count),
    };
    return new LineTable(this.header, rows, this.sequences);
  }

  private standard(opcode: number): void {
    const { reader } = this;
    switch (opcode) {
      case DW_LNS.copy:
        { this.emit(); return; }
      case DW_LNS.advance_pc:
        { this.advance(reader.uleb()); return; }
      case DW_LNS.advance_line:
        this.line += reader.sleb();
        return;
      case DW_LNS.set_file:
        this.file = reader.uleb();
        return;
      case DW_LNS.set_column:
        this.column = reader.uleb();
        return;
      case DW_LNS.const_add_pc:
        { this.advance(Math.floor((255 - this.header.opcodeBase) / this.header.lineRange)); return; }
      case DW_LNS.fixed_advance_pc:
        this.pc += reader.u16();
        this.opIndex = 0;
        return;
      default:
        // The other registers do not matter here; opcodes of later versions say how many operands they have.
        for (let left = this.header.operandCounts[opcode - 1] ?? 0; left > 0; left--) reader.skipLeb();
    }
  }

  private extended(): void {
    const { reader } = this;
    const length = reader.uleb();
    const next = reader.offset + length;
    if (length === 0) return;
    switch (reader.u8()) {
      case DW_LNE.end_sequence:
        this.endSequence();
        break;
      case DW_LNE.set_address:
        this.pc = readPc(reader, length - 1, this.base);
        this.opIndex = 0;
        break;
      case DW_LNE.define_file: {
        const name = readInline(reader);
        if (name) this.header.files.push(readFileRest(reader, name));
        break;
      }
      default:
        break;
    }
    reader.seek(next);
  }

  /** DWARF 6.2.5.1: the address advances by whole instructions, the rest counts operations inside of one (VLIW). */
  private advance(operations: number): void {
    const { minInstructionLength, maxOpsPerInstruction } = this.header;
    const total = this.opIndex + operations;
    this.pc += minInstructionLength * Math.floor(total / maxOpsPerInstruction);
    this.opIndex = total % maxOpsPerInstruction;
  }

  private emit(): void {
    const { count } = this;
    this.pcs[count] = this.pc;
    this.files[count] = this.file;
    this.lines[count] = this.line;
    this.columns[count] = this.column;
    this.count = count + 1;
  }

  private endSequence(): void {
    if (this.count > this.first) this.sequences.push({ low: this.pcs[this.first] ?? NaN, high: this.pc, first: this.first, end: this.count });
    this.first = this.count;
    this.pc = toPc(this.base, 0, 0);
    this.opIndex = 0;
    this.file = 1;
    this.line = 1;
    this.column = 0;
  }
}
