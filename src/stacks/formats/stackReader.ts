import type { FrameParts } from "../parseFrame";
import type { FrameKind, SourcePlace, StackFormat, StackFrame } from "../stack";

/** Recognises the lines of one notation. Lines come without log prefixes, colours and line ends. */
export interface StackReader {
  readonly format: StackFormat;
  /** The notation begins with the outermost frame; an inlined call stands after the function that holds it. */
  readonly outermostFirst?: true;
  /** Its lines are words like any others: they are a stack only when the line that ends one follows. */
  readonly needsEnd?: true;
  /**
   * @param open the frames read so far of a stack of this notation, or undefined when the line would be its first
   * @returns undefined when the line is not of this notation, or cannot stand at this place
   */
  read(line: string, open: readonly StackFrame[] | undefined): Reading | undefined;
}

export type Reading =
  /** Without a kind, the first frame of a stack is exact and those after it are return addresses. */
  | { readonly is: "frame"; readonly frame: FrameParts; readonly place?: FramePosition; readonly format?: StackFormat }
  /** A line that stands before a stack; it closes the one that is open. */
  | { readonly is: "header"; readonly firstKind?: FrameKind; readonly frame?: FrameParts; readonly caller?: FrameParts; readonly count?: number | undefined }
  /** The source place of the last frame, on a line of its own. */
  | { readonly is: "place"; readonly source: SourcePlace }
  /** Part of the stack that holds no frame. */
  | { readonly is: "filler" }
  /** The last line of a stack. */
  | { readonly is: "end"; readonly count?: number | undefined; readonly truncated?: true };

/**
 * Where a frame belongs that does not simply follow: `inlined-into-previous` stands after the function it was inlined into,
 * `holds-previous` is the function into which the frame before it was inlined.
 */
export type FramePosition = "inlined-into-previous" | "holds-previous";

export const frameReading = (frame: FrameParts | undefined): Reading | undefined => frame && { is: "frame", frame };
export const filler: Reading = { is: "filler" };
export const end: Reading = { is: "end" };

/** A notation whose lines make several stacks together: a tree of calls. */
export interface BlockReader {
  readonly format: StackFormat;
  /** undefined when no such block begins with this line. */
  start(line: string, number: number): StackBlock | undefined;
}

export interface StackBlock {
  /** false: the line is not of this block, which is over. */
  add(line: string, number: number): boolean;
  finish(): readonly BlockStack[];
}

/** Innermost first. */
export interface BlockStack {
  readonly frames: readonly { readonly frame: FrameParts; readonly line: number }[];
  readonly count?: number;
}
