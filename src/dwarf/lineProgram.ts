import { ByteReader } from "../base/byteReader";
import { toPc, type AddressBase } from "../elf/addressLayout";
import { DW_LNE, DW_LNS } from "./constants";
import { readPc } from "./encoding";
import { parseLineHeader, readFileRest, readInline, type LineHeader } from "./lineHeader";

export interface LineRow {
  /** Index into the file table. */
  readonly file: number;
  /** 0: the code has no line. */
  readonly line: number;
  /** 0: not given. */
  readonly column: number;
}

export interface LineContext {
  readonly endianness: ByteReader["endianness"];
  readonly where: string;
  /** Of the compile unit. */
  readonly addressSize: number;
  readonly base: AddressBase;
}

/** A contiguous piece of code (DWARF 6.2.2) whose rows begin at `start` in the bytes. */
export interface LineSequence {
  readonly low: number;
  readonly high: number;
  readonly start: number;
}

/** The state of the machine at some rows of a program, from which a run may begin: numbers by `stopSize`, in order of sequence and pc. */
export interface LineStops {
  readonly sequences: readonly (LineSequence & { /** Of its stops. */ readonly first: number; readonly end: number })[];
  readonly stops: Float64Array;
}

/** What each special opcode does (DWARF 6.2.5.1). */
interface SpecialSteps {
  /** Bytes by opcode, or operations when not `isFixed`. */
  readonly advances: Uint32Array;
  readonly lines: Int16Array;
  /** Whether instructions hold one operation each, as everywhere but in VLIW machines; then it is `scale` bytes. */
  readonly isFixed: boolean;
  readonly scale: number;
}

/** All units of a file have the same. */
let lastSteps: { readonly key: string; readonly steps: SpecialSteps } | undefined;

function stepsOf({ opcodeBase, lineBase, lineRange, minInstructionLength, maxOpsPerInstruction }: LineHeader): SpecialSteps {
  const key = `${opcodeBase} ${lineBase} ${lineRange} ${minInstructionLength} ${maxOpsPerInstruction}`;
  if (lastSteps?.key === key) return lastSteps.steps;
  const isFixed = maxOpsPerInstruction === 1;
  const steps = { advances: new Uint32Array(256), lines: new Int16Array(256), isFixed, scale: minInstructionLength };
  for (let opcode = opcodeBase; opcode < 256; opcode++) {
    const operations = Math.floor((opcode - opcodeBase) / lineRange);
    steps.advances[opcode] = isFixed ? operations * minInstructionLength : operations;
    steps.lines[opcode] = lineBase + ((opcode - opcodeBase) % lineRange);
  }
  lastSteps = { key, steps };
  return steps;
}

// Numbers of their own, as reading a property in the loop takes as long as what the opcode does.
const copy = DW_LNS.copy;
const advancePc = DW_LNS.advance_pc;
const advanceLine = DW_LNS.advance_line;
const setFile = DW_LNS.set_file;
const setColumn = DW_LNS.set_column;
const negateStatement = DW_LNS.negate_stmt;
const setDiscriminator = DW_LNE.set_discriminator;

/** pc, next opcode, operation, file, line, column. */
export const stopSize = 6;
/** Bytes of code between stops. */
const stopDistance = 512;

/**
 * A line number program (DWARF 6.2.5), run only as far as a question needs and never turned into a
 * table: a unit has ten thousand rows, and a lookup wants one. The run stops at the first row behind
 * the address in the sequence that covers it; the row before is the answer. The next question goes on
 * from there when its address is higher, as those of a sorted batch are; otherwise from the start of
 * its sequence, where all registers have their initial values. Sequences that were passed are kept.
 *
 * Rows count whatever their is_stmt says, as the row that covers an address is wanted, not a place for
 * a breakpoint. The file register starts at 1 in DWARF 5 too, although its tables count from 0.
 */
export class LineProgram {
  readonly header: LineHeader;
  private readonly reader: ByteReader;
  private readonly steps: SpecialSteps;
  private readonly sequences: LineSequence[] = [];
  /** Start of the first sequence that was not run to its end. */
  private frontier: number;
  private filesDefinedUpTo = 0;
  /** Whether addresses never went back in a sequence, as they must not (DWARF 6.2.5). */
  private ordered = true;
  private kept: LineStops | undefined;
  /** The last answer, and the pcs that it holds for. */
  private answer: { readonly low: number; readonly high: number; readonly row: LineRow } | undefined;

  // The state machine between two runs: its sequence, the next opcode, and the registers, which are those of the last row unless `low` is NaN.
  private start = 0;
  private low = NaN;
  private at = 0;
  private opIndex = 0;
  private pc = NaN;
  private file = 1;
  private line = 1;
  private column = 0;

  /** `bytes` are the unit in .debug_line, from its length field on, `offset` their place in the section. */
  constructor(
    private readonly bytes: Uint8Array,
    offset: number,
    private readonly context: LineContext,
  ) {
    this.reader = new ByteReader(bytes, context.endianness, context.where, 0, offset);
    this.header = parseLineHeader(this.reader, context.addressSize);
    this.steps = stepsOf(this.header);
    this.frontier = this.header.program;
    this.begin(this.frontier);
  }

  /** The last row at or before a pc in the sequence that covers it. */
  lineAt(pc: number): LineRow | undefined {
    if (this.answer && pc >= this.answer.low && pc < this.answer.high) return this.answer.row;
    const start = this.sequences.find(({ low, high }) => pc >= low && pc < high)?.start ?? this.frontier;
    if (this.start !== start || !(pc >= this.pc)) this.begin(start);
    if (this.kept) this.skipAhead(this.kept, pc);
    this.answer = this.run(pc);
    return this.answer?.row;
  }

  /** Stops of the whole program, to be kept; undefined for a program that cannot be entered in the middle. */
  stops(): LineStops | undefined {
    this.begin(this.frontier);
    this.run(NaN);
    if (!this.ordered || this.filesDefinedUpTo > 0) return undefined;
    const stops: number[] = [];
    const sequences = this.sequences.map((sequence) => {
      const first = stops.length / stopSize;
      for (let pc = sequence.low + stopDistance; pc < sequence.high; pc = this.pc + stopDistance) {
        this.lineAt(pc);
        if (this.start !== sequence.start || Number.isNaN(this.low)) break;
        stops.push(this.pc, this.at, this.opIndex, this.file, this.line, this.column);
      }
      return { ...sequence, first, end: stops.length / stopSize };
    });
    return { sequences, stops: Float64Array.from(stops) };
  }

  /** Takes the stops that were kept of this very program. */
  restore(kept: LineStops): void {
    this.kept = kept;
    this.sequences.splice(0, Infinity, ...kept.sequences);
    this.frontier = this.header.end;
    this.begin(this.frontier);
  }

  /** Goes to the last stop at or before a pc in the sequence at hand, unless the machine is past it. */
  private skipAhead({ sequences, stops }: LineStops, pc: number): void {
    const sequence = sequences.find(({ start }) => start === this.start);
    if (!sequence) return;
    let [low, high] = [sequence.first, sequence.end];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((stops[middle * stopSize] ?? NaN) <= pc) low = middle + 1;
      else high = middle;
    }
    const at = (low - 1) * stopSize;
    if (low === sequence.first || (!Number.isNaN(this.low) && (stops[at] ?? NaN) <= this.pc)) return;
    this.low = sequence.low;
    this.opIndex = stops[at + 2] ?? 0;
    this.stay(stops[at + 1] ?? NaN, stops[at] ?? NaN, stops[at + 3] ?? 1, stops[at + 4] ?? 0, stops[at + 5] ?? 0);
  }

  private run(target: number): LineProgram["answer"] {
    const { bytes, steps } = this;
    const { opcodeBase, end } = this.header;
    const { advances, lines } = steps;
    // The registers are local variables: this loop is nearly all the work there is, and in a short process most of it runs before it is compiled.
    let { at, pc, file, line, column } = this;
    let [rowPc, rowFile, rowLine, rowColumn] = [Number.isNaN(this.low) ? NaN : pc, file, line, column];
    while (at < end) {
      const opcode = bytes[at++] ?? 0;
      let ended = false;
      if (opcode >= opcodeBase) {
        pc += steps.isFixed ? (advances[opcode] ?? 0) : this.advance(advances[opcode] ?? 0);
        line += lines[opcode] ?? 0;
      } else if (opcode === negateStatement) {
        continue;
      } else if (opcode === 0 && bytes[at + 1] === setDiscriminator && (bytes[at] ?? 0x80) < 0x80) {
        at += 1 + (bytes[at] ?? 0);
        continue;
      } else if (opcode >= advancePc && opcode <= setColumn) {
        const byte = bytes[at] ?? 0x80;
        const isShort = byte < (opcode === advanceLine ? 0x40 : 0x80);
        const operand = isShort ? byte : this.operand(at, opcode);
        at = isShort ? at + 1 : this.reader.offset;
        if (opcode === advanceLine) line += operand;
        else if (opcode === setFile) file = operand;
        else if (opcode === setColumn) column = operand;
        else pc += steps.isFixed ? operand * steps.scale : this.advance(operand);
        continue;
      } else if (opcode !== copy) {
        this.at = at;
        this.pc = pc;
        ended = opcode === 0 ? this.extended() : this.standard(opcode);
        at = this.at;
        pc = this.pc;
        if (!ended) continue;
      }
      // A row, or the end of the sequence, tells where the row before ends.
      if (rowPc <= target && target < pc) {
        if (ended) this.endSequence(pc);
        else this.stay(at, pc, file, line, column);
        return { low: rowPc, high: pc, row: { file: rowFile, line: rowLine, column: rowColumn } };
      }
      if (pc < rowPc) this.ordered = false;
      if (ended) {
        this.endSequence(pc);
        pc = this.pc;
        file = line = 1;
        column = 0;
        rowPc = NaN;
        continue;
      }
      if (Number.isNaN(rowPc)) this.low = pc;
      rowPc = pc;
      rowFile = file;
      rowLine = line;
      rowColumn = column;
    }
    this.reader.seek(at);
    this.begin(this.frontier);
    return undefined;
  }

  private stay(at: number, pc: number, file: number, line: number, column: number): void {
    this.at = at;
    this.pc = pc;
    this.file = file;
    this.line = line;
    this.column = column;
  }

  /** DWARF 6.2.2: the registers at the start of each sequence. Without DW_LNE_set_address they stand for address 0. */
  private begin(start: number): void {
    this.start = start;
    this.low = NaN;
    this.opIndex = 0;
    this.stay(start, toPc(this.context.base, 0, 0), 1, 1, 0);
  }

  private endSequence(high: number): void {
    if (this.start === this.frontier) {
      if (high > this.low) this.sequences.push({ low: this.low, high, start: this.start });
      this.frontier = this.at;
    }
    this.begin(this.at);
  }

  /** The number behind an opcode; the reader stands behind it afterwards. */
  private operand(at: number, opcode: number): number {
    this.reader.seek(at);
    return opcode === DW_LNS.advance_line ? this.reader.sleb() : this.reader.uleb();
  }

  /** The rarer opcodes. They move `at` and `pc`. */
  private standard(opcode: number): false {
    const { reader, header } = this;
    reader.seek(this.at);
    if (opcode === DW_LNS.const_add_pc) {
      this.pc += this.advance(Math.floor((255 - header.opcodeBase) / header.lineRange));
    } else if (opcode === DW_LNS.fixed_advance_pc) {
      this.pc += reader.u16();
      this.opIndex = 0;
    } else {
      // The other registers do not matter here; opcodes of later versions say how many operands they have.
      for (let left = header.operandCounts[opcode - 1] ?? 0; left > 0; left--) reader.skipLeb();
    }
    this.at = reader.offset;
    return false;
  }

  /** true: the sequence ended. */
  private extended(): boolean {
    const reader = this.reader.seek(this.at);
    const length = reader.uleb();
    const next = reader.offset + length;
    const opcode = length === 0 ? 0 : reader.u8();
    if (opcode === DW_LNE.set_address) {
      this.pc = readPc(reader, length - 1, this.context.base);
      this.opIndex = 0;
    } else if (opcode === DW_LNE.define_file && this.at > this.filesDefinedUpTo) {
      this.filesDefinedUpTo = this.at;
      const name = readInline(reader);
      if (name) this.header.tables.define(readFileRest(reader, name));
    }
    this.at = reader.seek(next).offset;
    return opcode === DW_LNE.end_sequence;
  }

  /** DWARF 6.2.5.1: the address advances by whole instructions, the rest counts operations inside of one (VLIW). Bytes to advance. */
  private advance(operations: number): number {
    const { minInstructionLength, maxOpsPerInstruction } = this.header;
    const total = this.opIndex + operations;
    this.opIndex = total % maxOpsPerInstruction;
    return minInstructionLength * Math.floor(total / maxOpsPerInstruction);
  }
}
