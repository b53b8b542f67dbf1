import type { Stack, SourcePlace } from "../../stacks/stack";
import type { ResolvedFrame, SourceFrame } from "../../symbolize/resolvedFrame";

/** A stack and the answers for its frames, in the same order. */
export interface ResolvedStack {
  readonly stack: Stack;
  readonly frames: readonly ResolvedFrame[];
  /** When it is of another kernel than the host's, in words, and whose lines these are: the host has not their source. */
  readonly otherKernel?: string;
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
 *
 * Why there are no lines is mostly the same for all frames of a stack: such a reason stands once, above them.
 */
export function stackText(title: string, stacks: readonly ResolvedStack[], diagnostics: readonly string[]): StackText {
  const writer = new Writer();
  writer.line(`# ${title}`);
  for (const resolved of stacks) writeStack(writer, resolved);
  if (diagnostics.length > 0) writer.line("");
  for (const text of diagnostics) writer.line(`# not understood: ${text}`);
  return writer.result();
}

function writeStack(writer: Writer, { stack, frames, otherKernel }: ResolvedStack): void {
  const shared = sharedReasons(frames);
  const isResolved = frames.some((frame) => frame.frames.length > 0);
  writer.line("");
  writer.line(`# ${stack.format}, line ${stack.line}${stack.build === undefined ? "" : `, of ${stack.build}`}`);
  if (otherKernel !== undefined && isResolved) writeNote(writer, otherKernel);
  for (const reason of shared) writeNote(writer, reason);
  frames.forEach((frame, index) => writeFrame(writer, frame, index, { shared, linked: otherKernel === undefined }));
}

/** In lines that end where a sentence or a part of one does: so a command in it stays whole. */
function writeNote(writer: Writer, text: string): void {
  let line = "#";
  for (const part of text.split(/(?<=[.;:]) /)) {
    if (line.length > 1 && line.length + part.length > noteWidth) {
      writer.line(line);
      line = "#";
    }
    line += ` ${part}`;
  }
  writer.line(line);
}

const noteWidth = 100;

function sharedReasons(frames: readonly ResolvedFrame[]): ReadonlySet<string> {
  const reasons = frames.flatMap((frame) => (isUnresolved(frame) ? (frame.message ?? []) : []));
  return new Set(reasons.filter((reason, index) => reasons.indexOf(reason) !== index));
}

const isUnresolved = ({ frames, matches }: ResolvedFrame): boolean => frames.length === 0 && !matches;

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

interface StackOptions {
  readonly shared: ReadonlySet<string>;
  readonly linked: boolean;
}

function writeFrame(writer: Writer, frame: ResolvedFrame, index: number, { shared, linked }: StackOptions): void {
  const head = `${String(index).padStart(3)}  `;
  const isSaid = isUnresolved(frame) && shared.has(frame.message ?? "");
  const problem = frame.status === "ok" || isSaid ? "" : `  ! ${frame.message ?? frame.status}`;
  const line = writer.line(`${head}${frame.input}${problem}`);
  writer.mark({ line, start: head.length, end: head.length + frame.input.length, hover: frameHover(frame) });
  writeChain(writer, frame.frames, linked);
  for (const match of frame.frames.length > 0 ? [] : (frame.matches ?? [])) {
    writer.line(`     either at 0x${match.address.toString(16)}, size 0x${match.size.toString(16)}`);
    writeChain(writer, match.frames, linked);
  }
}

function writeChain(writer: Writer, chain: readonly SourceFrame[], linked: boolean): void {
  chain.forEach((part, index) => {
    const prefix = `     ${index === chain.length - 1 ? "└" : "│"} ${part.function.padEnd(nameWidth)} `;
    const place = part.source ? `${part.source.file}:${part.source.line}` : "no line known";
    const line = writer.line(`${prefix}${place}${part.inlined ? "  inlined" : ""}`);
    if (part.source && linked) writer.mark({ line, start: prefix.length, end: prefix.length + place.length, place: part.source, hover: `Open ${place}` });
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
