/**
 * gdb's backtrace: `#1  0xADDR in f (args) at file:line`. The first frame has no address when it lies at the beginning of a line; a later one has none
 * when the frame before it was inlined into it (gdb/stack.c, print_frame). Frames that were wrapped are one line by now.
 */
import { parseAddress } from "../parseFrame";
import { parsePlace } from "./place";
import { end, filler, type Reading, type StackReader } from "./stackReader";

const frameLine = /^\s*#(?<number>\d+)\s+(?:(?<address>0x[0-9a-f]+) in )?(?<symbol>[A-Za-z_][\w.$]*) \((?<args>.*)\)(?: at (?<place>\S+:\d+)| from (?<file>\S+))?\s*$/;

export const gdb: StackReader = {
  format: "gdb",
  read(line, open) {
    const groups = frameLine.exec(line)?.groups;
    if (!groups) return open ? between(line) : undefined;
    const { number, address, symbol, args = "", place, file } = groups;
    // drgn writes the place where gdb has the arguments.
    if (address === undefined && place === undefined && (file !== undefined || /:\d+(?::\d+)?$/.test(args))) return undefined;
    const frame = { symbol, address: parseAddress(address), source: parsePlace(place) };
    if (number === "0") return { is: "header", frame };
    return address === undefined && open && open.length > 0 ? { is: "frame", frame, place: "holds-previous" } : { is: "frame", frame };
  },
};

function between(line: string): Reading | undefined {
  if (/^Backtrace stopped:|^\(More stack frames follow/.test(line)) return { is: "end", truncated: true };
  if (/^\(gdb\)/.test(line)) return end;
  // `bt full` shows locals, and a frame is followed by its source line.
  return /^\s{2,}\S|^\d+\t|^No locals\.|^\s*$/.test(line) ? filler : undefined;
}
