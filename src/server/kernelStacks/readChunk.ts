/**
 * One piece of a long text, read so that the pieces together give what the whole would. A stack belongs to the piece its first line lies in.
 * A piece is read with some lines before it, for what a report says above its trace, and some lines behind it, so that the last
 * stack is known to be over; a stack that is not is left to the next piece.
 */
import { parseStacks, type StackDiagnostic } from "../../stacks/parseStacks";
import type { LineOrder } from "../../stacks/textLines";
import type { DocumentLines } from "./documentLines";
import { reportPlaces, type ReportPlace } from "./reportPlaces";
import { placeStack, type PlacedStack } from "./placedStack";

/** Lines are counted from its own first line, so that an edit before it leaves it as it is. */
export interface Chunk {
  readonly length: number;
  /** Lines that were read before and behind its own: an edit among them makes it stale too. */
  readonly before: number;
  readonly behind: number;
  /** In the order of their first lines. */
  readonly stacks: readonly PlacedStack[];
  /** Lines from 0. */
  readonly notes: readonly StackDiagnostic[];
  readonly places: readonly ReportPlace[];
}

/** Lines read at once: a few milliseconds of work. */
const pieceLines = 2000;
/** A trace's header (registers, modules, code bytes) is shorter. */
const linesBefore = 96;
/** No notation lets more lines pass between two frames of a stack. */
const linesBehind = 64;
/** A single stack or tree of calls that is longer is cut. */
const longestPiece = 16_000;

export interface ChunkStart {
  /** Line of the document, from 0. */
  readonly from: number;
  /** The last stack before it, in lines of the document. */
  readonly lastStack: PlacedStack | undefined;
  /** It is to end exactly here when no stack lies across; without it, it ends where it suits. */
  readonly end?: number | undefined;
  readonly order: LineOrder;
}

export function readChunk(lines: DocumentLines, start: ChunkStart): Chunk {
  for (let length = pieceLines; ; length *= 2) {
    const chunk = tryChunk(lines, start, length);
    if (chunk.length > 0) return chunk;
  }
}

function tryChunk(lines: DocumentLines, start: ChunkStart, length: number): Chunk {
  const { from } = start;
  const readFrom = contextStart(start);
  const end = start.end !== undefined && start.end - from <= length ? start.end : undefined;
  const readTo = Math.min(lines.count, (end ?? from + length) + linesBehind);
  const { stacks, diagnostics } = parseStacks(lines.text(readFrom, readTo), start.order);
  const found = stacks.map((stack) => placeStack(stack, lines, readFrom, from)).filter(({ firstLine }) => firstLine >= 0);
  const to = readTo === lines.count && end === undefined ? readTo : length >= longestPiece ? (end ?? readTo) : from + boundary(found, (end ?? readTo - linesBehind) - from);
  const own = (line: number): boolean => line >= 0 && line < to - from;
  return {
    length: to - from,
    before: from - readFrom,
    behind: readTo - to,
    stacks: found.filter(({ firstLine }) => own(firstLine)).sort((a, b) => a.firstLine - b.firstLine),
    notes: diagnostics.map((note) => ({ ...note, line: note.line - 1 + readFrom - from })).filter(({ line }) => own(line)),
    places: reportPlaces(lines.text(from, to)),
  };
}

/** The whole stack before is read again with it: what a kernel prints twice is known by that. */
function contextStart({ from, lastStack }: ChunkStart): number {
  const isNear = lastStack !== undefined && from - lastStack.lastLine < linesBefore;
  return Math.max(0, from - longestPiece, Math.min(from - linesBefore, isNear ? lastStack.firstLine - linesBefore / 2 : from));
}

/** The first line that belongs to a stack of which more may follow. */
function boundary(stacks: readonly PlacedStack[], wanted: number): number {
  return Math.min(wanted, ...stacks.filter(({ lastLine }) => lastLine >= wanted).map(({ firstLine }) => firstLine));
}
