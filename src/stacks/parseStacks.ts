/**
 * Finds every kernel stack in any text. A line is offered to the reader of the open stack, and when it is not its own, to all readers in
 * turn: the notations that say most about themselves first, frames without any mark last. What looks like a frame
 * and is not understood is reported, never dropped in silence.
 */
import { makeFrame, moduleName, type FrameParts } from "./parseFrame";
import { bare } from "./formats/bare";
import { bcc } from "./formats/bcc";
import { bpftraceDefault, bpftracePerf } from "./formats/bpftrace";
import { parseFolded } from "./formats/folded";
import { ftrace } from "./formats/ftrace";
import { oopsArm64 } from "./formats/oopsArm64";
import { oopsPowerpc } from "./formats/oopsPowerpc";
import { oopsRiscv } from "./formats/oopsRiscv";
import { oopsS390 } from "./formats/oopsS390";
import { oopsX86 } from "./formats/oopsX86";
import { perfScript } from "./formats/perfScript";
import { procStack } from "./formats/procStack";
import type { Reading, StackReader } from "./formats/stackReader";
import { isInterruptEntry } from "./interruptEntry";
import { parseReportLine, type ReportNotes } from "./reportLine";
import type { FrameKind, Stack, StackFrame } from "./stack";
import { textLines, type TextLine } from "./textLines";

const readers: readonly StackReader[] = [
  ftrace, procStack, perfScript, bpftracePerf, oopsArm64, oopsRiscv, oopsPowerpc, oopsS390, oopsX86, bcc, bpftraceDefault, bare,
];

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

/** All kernel stacks of a text, in its order. A line that cannot be read never ends the reading of the others. */
export function parseStacks(text: string): ParsedStacks {
  const collector = new StackCollector();
  for (const line of textLines(text)) collector.add(line);
  return collector.finish();
}

interface OpenStack {
  readonly reader: StackReader;
  readonly firstKind: FrameKind;
  readonly build: string | undefined;
  line: number;
  readonly frames: StackFrame[];
}

class StackCollector {
  private readonly stacks: Stack[] = [];
  private readonly diagnostics: StackDiagnostic[] = [];
  private open: OpenStack | undefined;
  private notes: ReportNotes = {};

  add(line: TextLine): void {
    const notes = parseReportLine(line.text);
    if (notes) this.notes = { ...this.notes, ...notes };
    if (this.addModuleOfWrappedLine(line.text)) return;
    const own = this.open?.reader.read(line.text, this.open.frames);
    if (this.open && own && own.is !== "header") this.apply(this.open, own, line);
    else this.begin(line, own);
  }

  finish(): ParsedStacks {
    this.close();
    return { stacks: this.stacks, diagnostics: this.diagnostics };
  }

  private begin(line: TextLine, own: Reading | undefined): void {
    const after = this.open;
    this.close();
    const folded = parseFolded(line.text);
    if (folded) {
      this.stacks.push({ format: "folded", line: line.number, frames: folded });
      return;
    }
    const reader = own && after ? after.reader : readers.find((candidate) => candidate.read(line.text, undefined) !== undefined);
    const reading = own ?? reader?.read(line.text, undefined);
    if (!reader || !reading) this.complain(line, after);
    else if (reading.is === "header" || reading.is === "frame") this.start(reader, reading, line);
  }

  private start(reader: StackReader, reading: Extract<Reading, { is: "header" | "frame" }>, line: TextLine): void {
    const firstKind = reading.is === "header" ? (reading.firstKind ?? "exact") : "exact";
    const build = reader.format.startsWith("oops") ? this.notes.build : undefined;
    this.open = { reader, firstKind, build, line: line.number, frames: [] };
    if (reading.frame) this.push(this.open, reading.frame, line);
  }

  private apply(open: OpenStack, reading: Reading, line: TextLine): void {
    if (reading.is === "frame") this.push(open, reading.frame, line);
    else if (reading.is === "end") this.close();
  }

  private push(open: OpenStack, parts: FrameParts, line: TextLine): void {
    const previous = open.frames.at(-1);
    if (!previous) open.line = line.number;
    const kind = parts.kind ?? (previous === undefined ? open.firstKind : isInterruptEntry(previous.symbol) ? "exact" : "return");
    const source = parts.source ?? (kind === "exact" && parts.symbol !== undefined && this.notes.at?.symbol === parts.symbol ? this.notes.at.place : undefined);
    if (parts.offset !== undefined && parts.size !== undefined && parts.offset > parts.size) {
      this.diagnostics.push({ line: line.number, text: line.text.trim(), message: "The offset lies outside of the function." });
    }
    open.frames.push(makeFrame({ ...parts, source, kind }));
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
    if (!open || open.frames.length === 0) return;
    const repeated = open.frames.length === 1 && isSameFrame(this.stacks.at(-1)?.frames[0], open.frames[0]);
    if (repeated && open.reader.format.startsWith("oops")) return;
    const { reader, build, line, frames } = open;
    this.stacks.push({ format: reader.format, line, ...(build === undefined ? {} : { build }), frames });
  }

  private complain(line: TextLine, after: OpenStack | undefined): void {
    if (!after || !/^\s*(?:=> |\? |[0-9a-f]{16} )?[A-Za-z_][\w.$]*\+(?:0x)?[0-9a-f]*\S*\s*(?:\[[^\]]*)?$/.test(line.text)) return;
    this.diagnostics.push({ line: line.number, text: line.text.trim(), message: "This looks like a frame and could not be read." });
  }
}

const isSameFrame = (a: StackFrame | undefined, b: StackFrame | undefined): boolean =>
  a !== undefined && b !== undefined && a.symbol !== undefined && a.symbol === b.symbol && a.offset === b.offset && a.module === b.module;
