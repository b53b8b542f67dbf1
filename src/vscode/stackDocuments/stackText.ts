import type { Stack, SourcePlace } from "../../stacks/stack";
import type { ResolvedFrame, SourceFrame } from "../../symbolize/resolvedFrame";

/** A stack and the answers for its frames, in the same order. */
export interface ResolvedStack {
  readonly stack: Stack;
  readonly frames: readonly ResolvedFrame[];
}

/** A piece of the text that leads to a source line, or that has more to say. Lines and columns from 0. */
export interface TextMark {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly place?: SourcePlace;
  /** Plain text. */
  readonly hover: string;
}

export interface StackText {
  readonly text: string;
  readonly marks: readonly TextMark[];
}

/**
 * The text of a stack document. One line a function, inlined ones before the function whose code holds them:
 *
 *     0  tcp_v4_rcv+0x99b/0xee0
 *        │ tcp_v4_send_reset          net/ipv4/tcp_ipv4.c:703  inlined
 *        └ tcp_v4_rcv                 net/ipv4/tcp_ipv4.c:2103
 */
export function stackText(title: string, stacks: readonly ResolvedStack[], diagnostics: readonly string[]): StackText {
  const writer = new Writer();
  writer.line(`# ${title}`);
  for (const { stack, frames } of stacks) {
    writer.line("");
    writer.line(`# ${stack.format}, line ${stack.line}${stack.build === undefined ? "" : `, of ${stack.build}`}`);
    frames.forEach((frame, index) => writeFrame(writer, frame, index));
  }
  if (diagnostics.length > 0) writer.line("");
  for (const text of diagnostics) writer.line(`# not understood: ${text}`);
  return writer.result();
}

class Writer {
  private readonly lines: string[] = [];
  private readonly marks: TextMark[] = [];

  line(text: string): number {
    return this.lines.push(text.replace(/\r?\n/g, " ")) - 1;
  }

  mark(mark: TextMark): void {
    this.marks.push(mark);
  }

  result(): StackText {
    return { text: `${this.lines.join("\n")}\n`, marks: this.marks };
  }
}

const nameWidth = 36;

function writeFrame(writer: Writer, frame: ResolvedFrame, index: number): void {
  const head = `${String(index).padStart(3)}  `;
  const problem = frame.status === "ok" ? "" : `  ! ${frame.message ?? frame.status}`;
  const line = writer.line(`${head}${frame.input}${problem}`);
  writer.mark({ line, start: head.length, end: head.length + frame.input.length, hover: frameHover(frame) });
  writeChain(writer, frame.frames);
  for (const match of frame.frames.length > 0 ? [] : (frame.matches ?? [])) {
    writer.line(`     either at 0x${match.address.toString(16)}, size 0x${match.size.toString(16)}`);
    writeChain(writer, match.frames);
  }
}

function writeChain(writer: Writer, chain: readonly SourceFrame[]): void {
  chain.forEach((part, index) => {
    const prefix = `     ${index === chain.length - 1 ? "└" : "│"} ${part.function.padEnd(nameWidth)} `;
    const place = part.source ? `${part.source.file}:${part.source.line}` : "no line known";
    const line = writer.line(`${prefix}${place}${part.inlined ? "  inlined" : ""}`);
    if (part.source) writer.mark({ line, start: prefix.length, end: prefix.length + place.length, place: part.source, hover: `Open ${place}` });
  });
}

function frameHover(frame: ResolvedFrame): string {
  const facts = [
    `status: ${frame.status}`,
    `looked up as ${frame.lookup === "caller" ? "a return address (the call before it)" : "an exact address"}`,
    ...(frame.address === undefined ? [] : [`link-time address 0x${frame.address.toString(16)}`]),
    ...(frame.module === undefined ? [] : [`module ${frame.module}`]),
    ...(frame.message === undefined ? [] : [frame.message]),
  ];
  return facts.join("\n");
}
