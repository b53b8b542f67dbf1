import { type SemanticTokens, SemanticTokensBuilder } from "vscode-languageserver";
import type { PlacedFrame } from "./placedStack";

/** Names in the order of their numbers. `unreliable` is ours; package.json gives it a colour. */
export const stackTokens = { tokenTypes: ["function", "number"], tokenModifiers: ["unreliable"] };

/** Colours of frames in texts whose own grammar knows nothing of them. */
export function semanticMarks(frames: readonly PlacedFrame[], lineText: (line: number) => string): SemanticTokens {
  const builder = new SemanticTokensBuilder();
  const ordered = [...frames].sort((a, b) => a.line - b.line || a.start - b.start);
  let end = { line: -1, character: 0 };
  for (const { frame, line, start, end: last } of ordered) {
    if (line === end.line && start < end.character) continue;
    end = { line, character: last };
    const modifiers = frame.reliable ? 0 : 1;
    const name = frame.symbol !== undefined && lineText(line).startsWith(frame.symbol, start) ? frame.symbol.length : 0;
    if (name > 0) builder.push(line, start, name, 0, modifiers);
    if (start + name < last) builder.push(line, start + name, last - start - name, 1, modifiers);
  }
  return builder.build();
}
