import { type DocumentSymbol, type FoldingRange, type Range, SymbolKind } from "vscode-languageserver";
import { formatFrame } from "../../stacks/parseFrame";
import type { DocumentLines } from "./documentLines";
import type { PlacedFrame, PlacedStack } from "./placedStack";

/** In texts with more stacks, the outline has stacks only. */
const mostWithFrames = 200;

/** The stacks of a document, each named by its innermost function. */
export function stackSymbols(stacks: readonly PlacedStack[], lines: DocumentLines): readonly DocumentSymbol[] {
  return stacks.map((stack) => {
    const range = rangeOf(stack, lines);
    const [first] = stack.frames;
    return {
      name: first ? nameOf(first) : stack.stack.format,
      detail: `${stack.stack.format}, ${stack.frames.length} ${stack.frames.length === 1 ? "frame" : "frames"}${stack.stack.count === undefined ? "" : `, ${stack.stack.count}×`}`,
      kind: SymbolKind.Event,
      range,
      selectionRange: first ? frameRange(first) : range,
      children: stacks.length > mostWithFrames ? [] : stack.frames.map((frame) => ({ name: nameOf(frame), kind: SymbolKind.Function, range: frameRange(frame), selectionRange: frameRange(frame) })),
    };
  });
}

/** From the first to the last frame: what stands above a trace stays in sight. */
export const stackFolds = (stacks: readonly PlacedStack[]): readonly FoldingRange[] =>
  stacks.flatMap(({ firstLine, lastLine }) => (lastLine > firstLine ? [{ startLine: firstLine, endLine: lastLine }] : []));

const nameOf = ({ frame }: PlacedFrame): string => formatFrame(frame);

export const frameRange = ({ line, start, end }: PlacedFrame): Range => ({ start: { line, character: start }, end: { line, character: end } });

const rangeOf = ({ firstLine, lastLine }: PlacedStack, lines: DocumentLines): Range => ({
  start: { line: firstLine, character: 0 },
  end: { line: lastLine, character: lines.line(lastLine).length },
});
