import { hex } from "../base/brands";
import type { StackFrame } from "./stack";

/** A piece of one line. Columns from 0, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const tail = /^(?:(?:\+|&#43;)(0x[0-9a-f]+|\d+)(?:\/(?:0x[0-9a-f]+|\d+))?)?/i;

/** bpftrace 0.24 and later erase the space between address and name in JSON. */
const gluedAddress = /[0-9a-f]{16}$/;

/**
 * Where a frame stands in the line it was read from: its name with offset and size, else its address.
 *
 * @param from column to begin at: one line may hold many frames
 * @returns undefined when the line does not hold it as it was read (a carrier broke or encoded it)
 */
export function frameSpan(line: string, frame: StackFrame, from = 0): Span | undefined {
  if (frame.symbol !== undefined) return symbolSpan(line, frame.symbol, frame.offset, from);
  if (frame.address === undefined) return undefined;
  const match = new RegExp(`(?:0x)?0*${hex(frame.address)}(?![0-9a-f])`, "i").exec(line.slice(from));
  return match ? { start: from + match.index, end: from + match.index + match[0].length } : undefined;
}

/** A name may stand in a line twice (`comm`, caller): the one with the frame's offset is meant. */
function symbolSpan(line: string, symbol: string, offset: number | undefined, from: number): Span | undefined {
  let first: Span | undefined;
  for (let at = line.indexOf(symbol, from); at >= 0; at = line.indexOf(symbol, at + 1)) {
    if (isNamePart(line[at + symbol.length]) || (isNamePart(line[at - 1]) && !gluedAddress.test(line.slice(0, at)))) continue;
    const rest = tail.exec(line.slice(at + symbol.length, at + symbol.length + 48));
    const span = { start: at, end: at + symbol.length + (rest?.[0].length ?? 0) };
    if ((rest?.[1] === undefined ? undefined : Number(rest[1])) === offset) return span;
    first ??= span;
  }
  return first;
}

const isNamePart = (character: string | undefined): boolean => character !== undefined && /[\w$]/.test(character);
