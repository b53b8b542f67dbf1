import type { Range } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { Analysis } from "../../bpflang/analysis";
import { parseProgram } from "../../bpflang/parseProgram";
import { reparseProgram } from "../../bpflang/reparseProgram";
import type { Span, TypeQuery } from "../../bpflang/syntax";
import type { TargetKnowledge } from "../../bpflang/targetKnowledge";
import { nodesAt } from "../../bpflang/walk";

/** One state of a bpftrace program: its text, and what it means on a target. */
export class ProgramDocument {
  readonly text: string;
  readonly analysis: Analysis;

  /** @param before the same program's last state, whose tree becomes a part of this one */
  constructor(
    readonly document: TextDocument,
    readonly knowledge: TargetKnowledge,
    before?: ProgramDocument,
  ) {
    this.text = document.getText();
    this.analysis = new Analysis(before ? reparseProgram(before.program, this.text) : parseProgram(this.text), knowledge);
  }

  get program(): Analysis["program"] {
    return this.analysis.program;
  }

  range({ start, end }: Span): Range {
    return { start: this.document.positionAt(start), end: this.document.positionAt(end) };
  }

  offset(position: Range["start"]): number {
    return this.document.offsetAt(position);
  }

  /** The sizeof, offsetof or typeof around an offset; one without an end goes on behind the space after it. */
  queryAt(offset: number): TypeQuery | undefined {
    const lastSign = this.text.slice(0, offset).trimEnd().length;
    return [offset, lastSign].map((place) => nodesAt(this.program.items, place).findLast((node) => node.kind === "query")).find((query) => query !== undefined);
  }

  isInComment(offset: number): boolean {
    // A line comment goes on to the end of its line; a closed one ends with its last character.
    return this.program.comments.some(({ start, end }) => start < offset && (offset < end || (offset === end && this.text.startsWith("//", start))));
  }
}

/** The latest state of each program; the same text on the same target is analysed once. */
export class ProgramDocuments {
  private readonly known = new Map<string, ProgramDocument>();

  get(document: TextDocument, knowledge: TargetKnowledge): ProgramDocument {
    const existing = this.known.get(document.uri);
    if (existing?.document === document && existing.knowledge === knowledge && existing.text === document.getText()) return existing;
    const made = new ProgramDocument(document, knowledge, existing);
    this.known.set(document.uri, made);
    return made;
  }

  forget(uri: string): void {
    this.known.delete(uri);
  }
}
