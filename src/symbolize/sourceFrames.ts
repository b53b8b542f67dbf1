import type { PcFrame, PcLocation } from "../dwarf/dwarfFile";
import { hexNumber, type Candidate } from "./candidates";
import { demangleRust } from "./demangleRust";
import { kernelPath } from "./kernelPath";
import type { SourceFrame } from "./resolvedFrame";

/** What a candidate's pc means in source, in words where lines alone would mislead. */
export interface SourceAnswer {
  /** Innermost first; empty without a line. */
  readonly frames: readonly SourceFrame[];
  readonly message: string | undefined;
}

export function sourceAnswer({ symbol, pc, size }: Candidate, location: PcLocation | undefined, lookup: "exact" | "caller"): SourceAnswer {
  const offset = pc - symbol.pc;
  const inside = lookup === "caller" ? offset - 1 : offset;
  const beyond = inside >= size;
  if (!location?.frames.some(({ place }) => place)) return { frames: [], message: noLine(symbol.name, inside, symbol.size) };
  const names = location.frames.map((frame, index) => {
    if (index < location.frames.length - 1) return frame.function ?? "?";
    return beyond ? (frame.function ?? "?") : outermostName(frame, symbol.name, location.functionStart === symbol.pc);
  });
  const frames = location.frames.map((frame, index) => sourceFrame(frame, names[index] ?? "?", index < location.frames.length - 1));
  return { frames, message: remark(symbol.name, { offset, inside, size: symbol.size, beyond, covered: location.functionStart !== undefined }) };
}

function sourceFrame({ place }: PcFrame, name: string, inlined: boolean): SourceFrame {
  if (!place) return { function: name, inlined };
  const source = { file: kernelPath(place.path, place.compDir), line: place.line, ...(place.column > 0 && { column: place.column }) };
  return { function: name, source, inlined };
}

/** What the compiler appends to the name of a clone or a split-off part. */
const cloneSuffix = /(\.(cold|isra|constprop|part|llvm)(\.\d+)*)+$/;

export const baseName = (symbol: string): string => symbol.replace(cloneSuffix, "");

/**
 * The debug information's name, which has no clone suffix; in Rust the symbol's, which has the path. Assembler code has only the symbol's. Where
 * several symbols name the same code (aliases, identical functions folded), it is the one that was asked for.
 */
function outermostName(frame: PcFrame, symbol: string, startsThere: boolean): string {
  const rust = demangleRust(symbol);
  if (rust !== undefined) return rust;
  if (frame.function === undefined) return symbol;
  return startsThere && baseName(symbol) !== frame.function ? symbol : frame.function;
}

interface Circumstances {
  readonly offset: number;
  readonly inside: number;
  readonly size: number;
  readonly beyond: boolean;
  readonly covered: boolean;
}

function remark(name: string, { offset, inside, size, beyond, covered }: Circumstances): string | undefined {
  if (beyond) {
    return `${hexNumber(offset)} is the size of ${name}: the address of what follows it. As a return address it stands for the call before.`;
  }
  if (covered || size === 0 || inside < size) return undefined;
  return `${hexNumber(inside)} lies in the padding behind ${name}, whose code is ${hexNumber(size)} bytes long; the line is that of the code before.`;
}

function noLine(name: string, inside: number, size: number): string {
  if (size > 0 && inside >= size) return `${hexNumber(inside)} lies in the padding behind ${name}, whose code is ${hexNumber(size)} bytes long; it has no line.`;
  return `The debug information has no line for this place in ${name}.`;
}
