import type { FrameParts } from "../parseFrame";
import type { FrameKind, StackFormat, StackFrame } from "../stack";

/** Recognises the lines of one notation. Lines come without log prefixes, colours and line ends. */
export interface StackReader {
  readonly format: StackFormat;
  /**
   * @param open the frames read so far of a stack of this notation, or undefined when the line would be its first
   * @returns undefined when the line is not of this notation, or cannot stand at this place
   */
  read(line: string, open: readonly StackFrame[] | undefined): Reading | undefined;
}

export type Reading =
  /** Without a kind, the first frame of a stack is exact and those after it are return addresses. */
  | { readonly is: "frame"; readonly frame: FrameParts }
  /** A line that stands before a stack; it closes the one that is open. */
  | { readonly is: "header"; readonly firstKind?: FrameKind; readonly frame?: FrameParts }
  /** Part of the stack that holds no frame. */
  | { readonly is: "filler" }
  /** The last line of a stack. */
  | { readonly is: "end" };

export const frameReading = (frame: FrameParts | undefined): Reading | undefined => frame && { is: "frame", frame };
export const filler: Reading = { is: "filler" };
export const end: Reading = { is: "end" };
