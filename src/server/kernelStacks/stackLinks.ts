import type { DocumentLink } from "vscode-languageserver";
import type { StackQuery } from "../../protocol/kernelStacks";
import type { PlacedStack } from "./placedStack";
import type { ReportPlace } from "./reportPlaces";
import { frameRange } from "./stackOutline";
import { commandUri, kernelOf, stackArgument } from "./wireStack";

/** What a link leads to is only worked out when it is followed: a long log has tens of thousands. */
export function stackLinks(stacks: readonly PlacedStack[], places: readonly ReportPlace[], documentNumber: number): readonly DocumentLink[] {
  const frames = stacks.flatMap((stack) => stack.frames.map((frame) => ({ range: frameRange(frame), data: documentNumber })));
  const named = places.map(({ line, start, end }) => ({ range: { start: { line, character: start }, end: { line, character: end } }, data: documentNumber }));
  return [...frames, ...named];
}

/** The link with its target, as the document is now; undefined when nothing stands there any more. */
export function resolveLink(link: DocumentLink, stacks: readonly PlacedStack[], places: readonly ReportPlace[]): DocumentLink | undefined {
  const { line, character } = link.range.start;
  const named = placeAt(places, link);
  if (named) return { ...link, target: commandUri("knetscope.openFrame", { stack: placeQuery(named, stacks), at: 0 }), tooltip: `Open ${named.place.file}:${named.place.line}` };
  const stack = stacks.find(({ frames }) => frames.some((frame) => frame.line === line && frame.start === character));
  const frame = stack?.frames.find((candidate) => candidate.line === line && candidate.start === character);
  return stack && frame && { ...link, target: commandUri("knetscope.openFrame", stackArgument(stack, frame)), tooltip: "Open the kernel source of this frame" };
}

/** The place of a report that a link stands for. */
export const placeAt = (places: readonly ReportPlace[], { range: { start } }: DocumentLink): ReportPlace | undefined => places.find(({ line, start: column }) => line === start.line && column === start.character);

/** The report's trace, a little further down, tells of which kernel it is. */
export function placeQuery({ line, place }: ReportPlace, stacks: readonly PlacedStack[]): StackQuery {
  const next = stacks.find(({ lastLine }) => lastLine >= line);
  return { ...(next ? kernelOf(next.stack) : {}), frames: [{ source: place, kind: "exact", reliable: true }] };
}
