import type { ResolvedFrame, SourceFrame } from "../../symbolize/resolvedFrame";
import { escapeMarkdown, inlineCode } from "./markdown";
import type { Row } from "./row";

/** The rows of a resolved stack, innermost first: one for each function, inlined ones included. */
export const frameRows = (id: string, host: string, stack: readonly ResolvedFrame[]): readonly Row[] =>
  stack.flatMap((frame, index) => chainRows(`${id}/${index}`, host, frame));

function chainRows(id: string, host: string, frame: ResolvedFrame): Row[] {
  if (frame.frames.length === 0) return [unresolvedRow(id, frame)];
  return frame.frames.map((part, index) => sourceRow(`${id}/${index}`, host, frame, part));
}

function sourceRow(id: string, host: string, frame: ResolvedFrame, part: SourceFrame): Row {
  const { source } = part;
  const place = source ? `${source.file}:${source.line}` : "no line known";
  const where = part.inlined ? "inlined" : offsetText(frame);
  return {
    id,
    label: part.function,
    description: `${place}${where === "" ? "" : ` · ${where}`}`,
    icon: part.inlined ? { id: "arrow-small-right" } : { id: "symbol-function" },
    tooltip: `${inlineCode(part.function)}${part.inlined ? " (inlined)" : ""}\n\n${inlineCode(place)}\n\n${inlineCode(frame.input)}${frame.message === undefined ? "" : `\n\n${escapeMarkdown(frame.message)}`}`,
    spoken: `${part.function}${part.inlined ? ", inlined" : ""}, ${place}`,
    context: source ? "frame.source" : "frame",
    ...(source ? { subject: { kind: "source", host, place: source }, action: { kind: "open-source", host, place: source } } : {}),
  };
}

function offsetText(frame: ResolvedFrame): string {
  const module = frame.module === undefined ? "" : ` [${frame.module}]`;
  return frame.offset === undefined ? module.trim() : `+0x${frame.offset.toString(16)}${module}`;
}

function unresolvedRow(id: string, frame: ResolvedFrame): Row {
  const why = frame.message ?? frame.status;
  return {
    id,
    label: frame.input,
    description: why,
    icon: { id: "symbol-function", color: "disabledForeground" },
    tooltip: `${inlineCode(frame.input)}\n\n${escapeMarkdown(why)}`,
    context: "frame",
  };
}
