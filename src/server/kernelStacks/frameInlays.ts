import type { InlayHint } from "vscode-languageserver";
import type { ChainPart } from "../../protocol/kernelStacks";
import type { AnsweredFrame } from "./frameAnswers";

/**
 * `net/ipv4/tcp_ipv4.c:2103` behind a frame; where code of other functions was inlined, the innermost line first: `tcp.h:12 ‹ net/ipv4/tcp_ipv4.c:2103`.
 * A frame whose line the text itself names needs none.
 */
export function frameInlays(frames: readonly AnsweredFrame[]): readonly InlayHint[] {
  return frames.flatMap(({ placed, answer }): readonly InlayHint[] => {
    const parts = (answer?.chain ?? []).filter((part) => part.file !== undefined && part.line !== undefined);
    if (parts.length === 0 || placed.frame.source) return [];
    const label = parts.flatMap((part, index) => [...(index === 0 ? [] : [{ value: " ‹ " }]), placeLabel(part, index === parts.length - 1)]);
    return [{ position: { line: placed.line, character: placed.end }, label, paddingLeft: true }];
  });
}

function placeLabel({ function: name, file = "", line = 1, uri, inlined }: ChainPart, isWhole: boolean): { value: string; tooltip: string; location?: { uri: string; range: { start: { line: number; character: number }; end: { line: number; character: number } } } } {
  const value = `${isWhole ? file : (file.split("/").at(-1) ?? file)}:${line}`;
  const tooltip = `${name}${inlined ? ", inlined" : ""} at ${file}:${line}`;
  const position = { line: line - 1, character: 0 };
  return { value, tooltip, ...(uri === undefined ? {} : { location: { uri, range: { start: position, end: position } } }) };
}
