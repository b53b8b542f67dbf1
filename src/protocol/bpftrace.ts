/** What the language server and the editor tell each other about bpftrace programs. The option `bpftrace` at the start says that the editor answers. */
export const bpftraceMethods = {
  /** Editor → server: the host that programs are written for now (`TargetParams`). */
  target: "knetscope/bpftrace/target",
  /** Editor → server: have a document compiled on the target now (`CheckParams` → number of problems). */
  check: "knetscope/bpftrace/check",
  /** Server → editor: where a function of the target's kernel is defined (`FunctionPlaceParams` → `FunctionPlace` or null). */
  functionPlace: "knetscope/bpftrace/functionPlace",
  /** Server → editor: what the target's compiler says of a program (`CompileParams` → `CompileResult`, null without a host). */
  compile: "knetscope/bpftrace/compile",
} as const;

export interface TargetParams {
  /** As the user calls it. */
  readonly name: string;
  /** Folder with what is known of it, on the machine that both run on; undefined: this machine itself is to be read. */
  readonly folder?: string;
}

export interface CheckParams {
  readonly uri: string;
}

export interface FunctionPlaceParams {
  readonly name: string;
}

export interface FunctionPlace {
  readonly uri: string;
  /** From 0. */
  readonly line: number;
}

export interface CompileParams {
  readonly text: string;
}

/** Offsets in UTF-16 units. */
export interface CompileResult {
  readonly findings: readonly { readonly start: number; readonly end: number; readonly severity: "error" | "warning" | "information"; readonly message: string }[];
}
