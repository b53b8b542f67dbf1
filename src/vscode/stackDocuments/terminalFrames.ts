import { frameSpan } from "../../stacks/frameSpan";
import { formatFrame } from "../../stacks/parseFrame";
import { parseStacks } from "../../stacks/parseStacks";
import type { FrameKind, StackFormat } from "../../stacks/stack";

/** A frame in a line of a terminal, with the way its address is to be looked up. */
export interface TerminalFrame {
  readonly start: number;
  readonly length: number;
  /** As `parseFrame` reads it. */
  readonly text: string;
  readonly kind: FrameKind;
}

const inText = /\b[A-Za-z_][\w.]*\+0x[0-9a-f]+(?:\/0x[0-9a-f]+)?(?:\s\[[\w-]+(?:\s[0-9a-f]{8,40})?\])?/gi;
/** Decimal offsets, as bpftrace prints them, are only believed when they are all that stands in the line… */
const aloneInLine = /^\s*(([A-Za-z_][\w.]*\+\d+))\s*$/;
/** …or the place stands behind, as a program run from here shows it. */
const withPlace = /^\s*(?:[0-9a-f]{8,16} )?(([A-Za-z_][\w.]*\+\d+) {2}\S+\.[chS]:\d+)\s*$/;
/** What stands before a program counter; every other address of a trace is a return address. */
const programCounter = /\b(?:RIP|EIP|IP|pc|epc|NIP|PSW|ERA|PC is at)\b[^+]*$/;

/** The frames that a line of a terminal shows. */
export function terminalFrames(line: string): readonly TerminalFrame[] {
  const [, shown, alone] = aloneInLine.exec(line) ?? withPlace.exec(line) ?? [];
  if (shown !== undefined && alone !== undefined) return [{ start: line.indexOf(shown), length: shown.length, text: alone, kind: kindOf(line, line.indexOf(shown), alone) }];
  const found = [...line.matchAll(inText)].map((match) => ({ start: match.index, length: match[0].length, text: match[0], kind: kindOf(line, match.index, match[0]) }));
  return found.length > 0 ? found : otherNotations(line);
}

/** Notations whose marks tell a frame from a word even without an offset: `=> f`, `#3 [sp] f at address`. */
const marked: ReadonlySet<StackFormat> = new Set(["ftrace", "crash", "gdb", "drgn"]);

/** Frames as debuggers and tracers write them, and addresses, in a line alone. */
function otherNotations(line: string): readonly TerminalFrame[] {
  const stacks = line.length > longestLine ? [] : parseStacks(line).stacks;
  return stacks.flatMap(({ format, frames }) =>
    frames.flatMap((frame): readonly TerminalFrame[] => {
      const span = frameSpan(line, frame);
      if (!span || frame.kind === "inlined" || (frame.offset === undefined && frame.address === undefined && !marked.has(format))) return [];
      const text = formatFrame(frame);
      const hasPlace = frame.offset !== undefined || frame.symbol === undefined;
      return [{ start: span.start, length: span.end - span.start, text, kind: hasPlace ? kindOf(line, span.start, text) : "exact" }];
    }),
  );
}

const longestLine = 2000;

function kindOf(line: string, start: number, text: string): FrameKind {
  // One byte before a function's start lies another function: offset 0 cannot be a return address.
  const isEntry = /\+(?:0x)?0+(?![0-9a-fx])/i.test(text);
  return isEntry || programCounter.test(line.slice(0, start)) ? "exact" : "return";
}
