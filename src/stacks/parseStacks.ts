/**
 * Finds every kernel stack in any text. A line is offered to the reader of the open stack, and when it is not its own, to all readers in
 * turn: the notations that say most about themselves first, frames without any mark last. What looks like a frame
 * and is not understood is reported, never dropped in silence.
 */
import type { BuildId } from "../base/brands";
import { makeFrame, moduleName, type FrameParts } from "./parseFrame";
import { parseFolded } from "./formats/folded";
import type { FramePosition, Reading, StackBlock, StackReader } from "./formats/stackReader";
import { isInterruptEntry } from "./interruptEntry";
import { parseReportLine, type ReportNotes } from "./reportLine";
import type { FrameKind, SourcePlace, Stack, StackFormat, StackFrame } from "./stack";
import { blockReaders, stackReaders } from "./stackReaders";
import { textLines, type LineOrder, type TextLine } from "./textLines";

export interface StackDiagnostic {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly message: string;
}

export interface ParsedStacks {
  readonly stacks: readonly Stack[];
  readonly diagnostics: readonly StackDiagnostic[];
}

/**
 * All kernel stacks of a text, in its order. A line that cannot be read never ends the reading of the others.
 *
 * @param order of its lines, for a piece of a longer text
 */
export function parseStacks(text: string, order?: LineOrder): ParsedStacks {
  const collector = new StackCollector();
  for (const line of textLines(text, order)) collector.add(line);
  return collector.finish();
}

interface OpenStack {
  readonly reader: StackReader;
  readonly firstKind: FrameKind;
  readonly build: string | undefined;
  readonly buildId: BuildId | undefined;
  format: StackFormat;
  line: number;
  count: number | undefined;
  ended: boolean;
  truncated: boolean;
  readonly frames: StackFrame[];
  readonly lines: number[];
}

type FirstReading = Extract<Reading, { is: "header" | "frame" }>;

class StackCollector {
  private readonly stacks: Stack[] = [];
  private readonly diagnostics: StackDiagnostic[] = [];
  private open: OpenStack | undefined;
  private block: { readonly format: StackFormat; readonly block: StackBlock } | undefined;
  private notes: ReportNotes = {};

  add(line: TextLine): void {
    if (this.block?.block.add(line.text, line.number)) return;
    this.closeBlock();
    const notes = parseReportLine(line.text);
    if (notes) this.notes = { ...this.notes, ...notes };
    if (this.addModuleOfWrappedLine(line.text)) return;
    const own = this.open?.reader.read(line.text, this.open.frames);
    if (this.open && own && own.is !== "header") this.apply(this.open, own, line);
    else this.begin(line, own);
  }

  finish(): ParsedStacks {
    this.closeBlock();
    this.close();
    return { stacks: this.stacks, diagnostics: this.diagnostics };
  }

  private begin(line: TextLine, own: Reading | undefined): void {
    const after = this.open;
    this.close();
    const folded = parseFolded(line.text);
    if (folded) {
      const { frames, count } = folded;
      this.stacks.push({ format: "folded", line: line.number, count, frames, lines: frames.map(() => line.number) });
      return;
    }
    const found = own && after ? { reader: after.reader, reading: own } : readFirst(line.text);
    if (found?.reading.is === "header" || found?.reading.is === "frame") this.start(found.reader, found.reading, line);
    else if (!found && !this.startBlock(line)) this.complain(line, after);
  }

  private startBlock({ text, number }: TextLine): boolean {
    for (const reader of blockReaders) {
      const block = reader.start(text, number);
      if (!block) continue;
      this.block = { format: reader.format, block };
      return true;
    }
    return false;
  }

  private start(reader: StackReader, reading: FirstReading, line: TextLine): void {
    const isReport = reader.format.startsWith("oops");
    this.open = {
      reader, format: reader.format, line: line.number, ended: false, truncated: false, frames: [], lines: [],
      firstKind: reading.is === "header" ? (reading.firstKind ?? "exact") : "exact",
      build: isReport ? this.notes.build : undefined,
      buildId: isReport ? this.notes.buildId : undefined,
      count: reading.is === "header" ? reading.count : undefined,
    };
    if (reading.frame) this.push(this.open, reading.frame, line);
    if (reading.is === "header" && reading.caller) this.push(this.open, reading.caller, line);
  }

  private apply(open: OpenStack, reading: Reading, line: TextLine): void {
    if (reading.is === "frame") {
      if (reading.format) open.format = reading.format;
      this.push(open, reading.frame, line, reading.place);
    } else if (reading.is === "place") setPlace(open, reading.source);
    else if (reading.is === "end") {
      open.ended = true;
      open.count = reading.count ?? open.count;
      open.truncated = reading.truncated ?? false;
      this.close();
    }
  }

  private push(open: OpenStack, parts: FrameParts, line: TextLine, place?: FramePosition): void {
    if (open.frames.length === 0) open.line = line.number;
    if (parts.offset !== undefined && parts.size !== undefined && parts.offset > parts.size) {
      this.diagnostics.push({ line: line.number, text: line.text.trim(), message: "The offset lies outside of the function." });
    }
    const frame = this.frameOf(open, parts);
    const at = place === "inlined-into-previous" ? startOfInlined(open.frames) : open.frames.length;
    open.frames.splice(at, 0, place === "holds-previous" ? withAddressOf(open.frames, frame) : frame);
    open.lines.splice(at, 0, line.number);
    if (frame.source && open.format.startsWith("oops")) open.format = decodedFormat(frame) ?? open.format;
  }

  private frameOf(open: OpenStack, parts: FrameParts): StackFrame {
    const previous = open.frames.findLast((frame) => frame.kind !== "inlined");
    const kind = parts.kind ?? (previous === undefined ? open.firstKind : isInterruptEntry(previous.symbol) ? "exact" : "return");
    const source = parts.source ?? (kind === "exact" ? this.placeOfReport(open, parts.symbol) : undefined);
    return makeFrame({ ...parts, source, kind });
  }

  /** A WARN or BUG names its own line, and the function with it or by being the first one. */
  private placeOfReport(open: OpenStack, symbol: string | undefined): SourcePlace | undefined {
    const { at } = this.notes;
    if (!at || symbol === undefined || (at.symbol === undefined ? open.frames.length > 0 || !open.reader.format.startsWith("oops") : at.symbol !== symbol)) return undefined;
    if (at.symbol === undefined) this.notes = { ...this.notes, at: undefined };
    return at.place;
  }

  /** A mail program broke the line between a frame and its `[module]`. */
  private addModuleOfWrappedLine(text: string): boolean {
    const module = /^\s*\[([\w-]+)\]\s*$/.exec(text)?.[1];
    const last = this.open?.frames.at(-1);
    if (module === undefined || !this.open || last?.symbol === undefined || last.size === undefined || last.module !== undefined) return false;
    this.open.frames[this.open.frames.length - 1] = makeFrame({ ...last, module: moduleName(module) });
    return true;
  }

  /** After a report's end the kernel prints the registers once more: a stack of one frame that was seen already. */
  private close(): void {
    const open = this.open;
    this.open = undefined;
    if (!open || open.frames.length === 0 || (open.reader.needsEnd && !open.ended)) return;
    const isReport = open.reader.format.startsWith("oops");
    if (isReport && open.frames.length === 1 && isSameFrame(this.stacks.at(-1)?.frames[0], open.frames[0])) return;
    if (open.reader.outermostFirst) turnAround(open);
    const { format, build, buildId, count, line, truncated, frames, lines } = open;
    const optional = { ...(build !== undefined && { build }), ...(buildId !== undefined && { buildId }), ...(count !== undefined && { count }), ...(truncated && { truncated }) };
    this.stacks.push({ format, line, ...optional, frames, lines });
  }

  private closeBlock(): void {
    const open = this.block;
    this.block = undefined;
    for (const { frames, count } of open?.block.finish() ?? []) {
      this.stacks.push({
        format: open?.format ?? "bare",
        line: frames[0]?.line ?? 0,
        ...(count === undefined ? {} : { count }),
        frames: frames.map(({ frame }, index) => makeFrame({ kind: index === 0 ? "exact" : "return", ...frame })),
        lines: frames.map(({ line }) => line),
      });
    }
  }

  private complain(line: TextLine, after: OpenStack | undefined): void {
    if (!after || !/^\s*(?:=> |\? |[0-9a-f]{16} )?[A-Za-z_][\w.$]*\+(?:0x)?[0-9a-f]*\S*\s*(?:\[[^\]]*)?$/.test(line.text)) return;
    this.diagnostics.push({ line: line.number, text: line.text.trim(), message: "This looks like a frame and could not be read." });
  }
}

/** What every first line of a stack has: an offset, an arrow, a bracket, a tree or a colon. Most lines of a log have none of it in such a form. */
const promising = /\+(?:0x)?[0-9a-f]|=>|<-|\[<|#\d|[Tt]race[:>]|<(?:TASK|IRQ|NMI)>|@ 0x|\[inlined?\]|\[kernel\]|\.[chS]:\d|->|^\s+[0-9a-f]{16}|^ {2}(?:b')?\w+'?$|^\s*(?:0x)?[0-9a-f]{8,16}\b|\sfrom\s|trace ?>|\d: +(?:\d+ +)?[\w-]+:|^\s+\S+ \[[\w-]+\]\s*$/;

function readFirst(text: string): { readonly reader: StackReader; readonly reading: Reading } | undefined {
  if (!promising.test(text)) return undefined;
  for (const reader of stackReaders) {
    const reading = reader.read(text, undefined);
    if (reading) return { reader, reading };
  }
  return undefined;
}

/** Where the calls that were inlined into the last function begin; the next one is the innermost so far. */
function startOfInlined(frames: readonly StackFrame[]): number {
  const holder = frames.findLastIndex((frame) => frame.kind !== "inlined");
  return frames.slice(0, Math.max(0, holder)).findLastIndex((frame) => frame.kind !== "inlined") + 1;
}

/** The frame before was inlined into this one: both lie at one address. */
function withAddressOf(frames: StackFrame[], holder: StackFrame): StackFrame {
  const inner = frames.at(-1);
  if (!inner) return holder;
  frames[frames.length - 1] = { ...inner, kind: "inlined" };
  const first = frames.every((frame) => frame.kind === "inlined");
  return makeFrame({ ...holder, address: inner.address, kind: first ? "exact" : "return" });
}

function setPlace(open: OpenStack, source: SourcePlace): void {
  const last = open.frames.at(-1);
  if (last) open.frames[open.frames.length - 1] = { ...last, source };
}

function turnAround(open: OpenStack): void {
  open.frames.reverse();
  open.lines.reverse();
  let isFirst = true;
  open.frames.forEach((frame, index) => {
    if (frame.kind === "inlined") return;
    open.frames[index] = { ...frame, kind: isFirst ? "exact" : "return" };
    isFirst = false;
  });
}

/** Which program put places into an oops. */
function decodedFormat({ kind, offset }: StackFrame): StackFormat | undefined {
  if (kind === "inlined") return "syzkaller";
  return offset === undefined ? "decode-stacktrace" : undefined;
}

const isSameFrame = (a: StackFrame | undefined, b: StackFrame | undefined): boolean =>
  a !== undefined && b !== undefined && a.symbol !== undefined && a.symbol === b.symbol && a.offset === b.offset && a.module === b.module;
