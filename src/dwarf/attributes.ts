import type { StringRef } from "./form";

/** A reference to a list of address ranges. */
export interface RangesRef {
  readonly value: number;
  /** The value is an index into the unit's table of lists (DW_FORM_rnglistx), else an offset. */
  readonly indexed: boolean;
}

/** Added to references into the supplementary file; no .debug_info is as large. */
export const supplementaryEntries = 2 ** 48;

/** The wanted attributes of one entry. Absent numbers are -1, absent pcs NaN. References are offsets in .debug_info. */
export class Attributes {
  sibling = -1;
  low = NaN;
  high = NaN;
  ranges: RangesRef | undefined;
  origin = -1;
  specification = -1;
  name: StringRef | undefined;
  linkageName: StringRef | undefined;
  compDir: StringRef | undefined;
  callFile = -1;
  callLine = -1;
  callColumn = -1;
  stmtList = -1;
  language = -1;
  addrBase = -1;
  strOffsetsBase = -1;
  rnglistsBase = -1;
}

/** Where the code of a function or of an inlined call is, and what follows it. */
export type Extent = Pick<Attributes, "sibling" | "low" | "high" | "ranges">;
/** An inlined call (DWARF 3.3.8): its place in the function around it, and the entry that has the name of what was called. */
export interface InlinedCall {
  readonly origin: number;
  /** Index in the unit's file table; -1 when not given. */
  readonly file: number;
  /** 0 or less when not given. */
  readonly line: number;
  readonly column: number;
}

/** Of a function. */
export type FunctionName = Pick<Attributes, "name" | "linkageName" | "origin" | "specification">;
