import { upperBound } from "../elf/symbolTable";
import type { LineHeader } from "./lineHeader";

/** The rows of a line number program, in columns; rows of a sequence lie together, in order of address. */
export interface LineRows {
  readonly pc: Float64Array;
  /** Index into the file table. */
  readonly file: Uint32Array;
  readonly line: Uint32Array;
  readonly column: Uint32Array;
}

/** A contiguous piece of code (DWARF 6.2.2): rows `first` up to `end`, covering pcs from `low` up to `high`. */
export interface LineSequence {
  readonly low: number;
  readonly high: number;
  readonly first: number;
  readonly end: number;
}

export interface LineRow {
  readonly file: number;
  /** 0: the code has no line. */
  readonly line: number;
  /** 0: not given. */
  readonly column: number;
}

export class LineTable {
  private readonly sequences: readonly LineSequence[];
  private readonly starts: Float64Array;

  constructor(
    readonly header: LineHeader,
    private readonly rows: LineRows,
    sequences: readonly LineSequence[],
  ) {
    this.sequences = sequences.filter(({ low, high }) => high > low).sort((a, b) => a.low - b.low);
    this.starts = Float64Array.from(this.sequences, ({ low }) => low);
  }

  /** The last row at or before a pc in the sequence that covers it. */
  at(pc: number): LineRow | undefined {
    const sequence = this.sequences[upperBound(this.starts, pc) - 1];
    if (!sequence || pc >= sequence.high) return undefined;
    const index = sequence.first + upperBound(this.rows.pc.subarray(sequence.first, sequence.end), pc) - 1;
    const [file, line, column] = [this.rows.file[index], this.rows.line[index], this.rows.column[index]];
    return index < sequence.first || file === undefined || line === undefined || column === undefined ? undefined : { file, line, column };
  }
}
