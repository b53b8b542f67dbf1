/** What the language server asks of the editor's side about kernel stacks: that side has the hosts and their debuginfo. Plain JSON. */

/** A frame as it stands in a text. Numbers as in `StackFrame`; the address in hex without `0x`. */
export interface WireFrame {
  readonly symbol?: string;
  readonly offset?: number;
  readonly size?: number;
  readonly module?: string;
  readonly buildId?: string;
  readonly address?: string;
  readonly kind: "exact" | "return" | "inlined";
  readonly reliable: boolean;
  readonly source?: { readonly file: string; readonly line: number };
}

/** Frames of one stack, innermost first, with what the text says about their kernel. */
export interface StackQuery {
  /** Kernel release. */
  readonly build?: string;
  /** Of the kernel image. */
  readonly buildId?: string;
  readonly frames: readonly WireFrame[];
}

/** One function of the chain at an address, innermost first. */
export interface ChainPart {
  readonly function: string;
  readonly inlined: boolean;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** The document that shows the file; absent when it cannot be shown. */
  readonly uri?: string;
}

export interface FrameAnswer {
  /** As ResolvedFrame's. */
  readonly status: string;
  readonly message?: string;
  /** `caller`: looked up one byte before, in the call. */
  readonly lookup: "exact" | "caller";
  readonly chain: readonly ChainPart[];
  /** The name stands for several functions: their chains. */
  readonly alternatives?: readonly (readonly ChainPart[])[];
}

/** The answers for one stack; `frames` in the order asked, empty with a problem. */
export interface StackAnswer {
  readonly host?: string;
  readonly release?: string;
  readonly buildId?: string;
  /** Path of the debuginfo that was used. */
  readonly debuginfo?: string;
  readonly problem?: StackProblem;
  readonly frames: readonly FrameAnswer[];
}

export interface StackProblem {
  readonly kind: "no-host" | "other-kernel" | "no-debuginfo" | "failed";
  readonly message: string;
  /** What to do. */
  readonly advice?: string;
}

export interface SourceExcerpt {
  /** Number of the first line, from 1. */
  readonly first: number;
  readonly lines: readonly string[];
}

/** Names of the requests and notifications, with the types of what they carry. */
export const stackMethods = {
  /** To the editor: StackQuery[] → StackAnswer[]. */
  resolve: "knetscope/stacks/resolve",
  /** To the editor: SourceQuery → SourceExcerpt | null. */
  source: "knetscope/stacks/source",
  /** To the server, without parameter: hosts or settings changed, ask anew. */
  stale: "knetscope/stacks/stale",
  /** To the server: StackSettings. */
  configure: "knetscope/stacks/configure",
} as const;

export interface SourceQuery {
  readonly uri: string;
  /** From 1. */
  readonly line: number;
  /** Lines wanted before and behind it. */
  readonly around: number;
}

/** Which documents are read, and what is shown in them. */
export interface StackSettings {
  /** Besides `kernel-stack`; empty when other texts are not to be read. */
  readonly languages: readonly string[];
  /** Patterns of file names, as glob. */
  readonly files: readonly string[];
  readonly maxFileBytes: number;
  readonly inlayHints: boolean;
  readonly diagnostics: boolean;
}

/** Arguments of the commands that links and code actions carry. `at` is the index of the frame that is meant. */
export interface StackArgument {
  readonly stack: StackQuery;
  readonly at: number;
}
