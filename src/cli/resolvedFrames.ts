import { formatFrame } from "../stacks/parseFrame";
import type { ResolvedFrame, SourceFrame } from "../symbolize/resolvedFrame";
import { paint, type Output } from "./output";

/** The fields are a contract with scripts. */
export function resolvedJson(frame: ResolvedFrame): object {
  const { input, symbol, offset, size, module, address, status, message, lookup, frames, matches } = frame;
  return {
    input,
    symbol: symbol ?? null,
    offset: offset ?? null,
    size: size ?? null,
    module: module ?? null,
    address: address ?? null,
    status,
    message: message ?? null,
    lookup,
    frames: frames.map(sourceFrameJson),
    ...(matches === undefined ? {} : { matches: matches.map((match) => ({ address: match.address, size: match.size, frames: match.frames.map(sourceFrameJson) })) }),
  };
}

function sourceFrameJson({ function: name, source, inlined }: SourceFrame): object {
  return { function: name, file: source?.file ?? null, line: source?.line ?? null, ...(source?.column === undefined ? {} : { column: source.column }), inlined };
}

/** `net/ipv4/tcp_ipv4.c:2149`, or what stands in its place. */
export const placeText = (frame: SourceFrame): string => (frame.source ? `${frame.source.file}:${frame.source.line}` : "?");

/** One line a function, the frame's own text first; inlined functions are indented under it, innermost first. */
export function resolvedLines(output: Output, frame: ResolvedFrame, indent = ""): readonly string[] {
  // Of a return address the line is that of the call before it; the offset stays that of the trace.
  const head = `${indent}${frame.input}${symbolOfAddress(frame)}${frame.lookup === "caller" ? paint(output, "dim", " (call)") : ""}`;
  if (frame.matches) {
    return [
      `${head}  ${frame.message ?? ""}`,
      ...frame.matches.flatMap((match) => [`${indent}    at ${match.address.toString(16)}, size 0x${match.size.toString(16)}`, ...chainLines(output, match.frames, `${indent}    `)]),
    ];
  }
  if (frame.frames.length === 0) return [`${head}  ${paint(output, "yellow", frame.message ?? frame.status)}`];
  const note = frame.message === undefined ? [] : [`${indent}    ${paint(output, frame.status === "ok" ? "dim" : "yellow", frame.message)}`];
  return [head, ...chainLines(output, frame.frames, indent), ...note];
}

/** What a bare address turned out to be. */
function symbolOfAddress({ input, symbol, offset, size, module }: ResolvedFrame): string {
  return !/^(\? )?0x[0-9a-f]+$/.test(input) || symbol === undefined ? "" : ` = ${formatFrame({ symbol, kind: "exact", reliable: true, ...(offset !== undefined && { offset }), ...(size !== undefined && { size }), ...(module !== undefined && { module }) })}`;
}

/** A whole stack. Why there are no lines is mostly the same for all its frames: such a reason stands once, below them. */
export function stackLines(output: Output, stack: readonly ResolvedFrame[], indent: string): readonly string[] {
  const reasons = new Map<string, number>();
  for (const { frames, matches, message } of stack) {
    if (frames.length === 0 && !matches && message !== undefined) reasons.set(message, (reasons.get(message) ?? 0) + 1);
  }
  const shared = new Set([...reasons].filter(([, count]) => count > 1).map(([message]) => message));
  const isShared = ({ frames, matches, message }: ResolvedFrame): boolean => frames.length === 0 && !matches && message !== undefined && shared.has(message);
  return [
    ...stack.flatMap((frame) => (isShared(frame) ? [`${indent}${frame.input}`] : resolvedLines(output, frame, indent))),
    ...[...shared].map((message) => `${indent}${paint(output, "yellow", message)}`),
  ];
}

const chainLines = (output: Output, frames: readonly SourceFrame[], indent: string): readonly string[] =>
  frames.map((frame) => `${indent}    ${frame.function}${frame.inlined ? paint(output, "dim", " (inlined)") : ""} at ${paint(output, "blue", placeText(frame))}`);
