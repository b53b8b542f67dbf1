import type { BuildId, Vaddr } from "../base/brands";

/** The notations that stacks are read from; one importer file for each. */
export type StackFormat =
  | "bpftrace" | "bpftrace-perf" | "bcc" | "perf-script" | "perf-report" | "ftrace" | "function-graph" | "function-trace" | "oops-x86"
  | "oops-arm64" | "oops-arm32" | "oops-riscv" | "oops-loongarch" | "oops-powerpc" | "oops-s390" | "proc-stack" | "drgn" | "crash" | "gdb"
  | "systemtap" | "syzkaller" | "decode-stacktrace" | "blazesym" | "retsnoop" | "dropwatch" | "pwru" | "folded" | "speedscope" | "json" | "bare";

/**
 * How a frame's address came about, which decides the address its line is looked up at:
 * `exact` (RIP, probe, sample) as it is; `return` (an address after a call) one byte before.
 */
export type FrameKind = "exact" | "return" | "inlined";

/** One frame as it stands in a trace, unresolved. */
export interface StackFrame {
  /** Absent when the trace has an address only. */
  readonly symbol?: string;
  /** Bytes from the symbol's start. */
  readonly offset?: number;
  /** Size of the symbol as kallsyms knows it: the distance to the next one. */
  readonly size?: number;
  /** Module name; absent for vmlinux or when the notation does not say. */
  readonly module?: string;
  readonly buildId?: BuildId;
  /** Run-time address, KASLR included. */
  readonly address?: Vaddr;
  readonly kind: FrameKind;
  /** false for `? symbol` and `(unreliable)`. */
  readonly reliable: boolean;
  /** file:line that the trace itself names. */
  readonly source?: SourcePlace;
}

export interface SourcePlace {
  /** Relative to the root of the kernel tree when it is known to be in it, e.g. `net/ipv4/tcp_ipv4.c`. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column?: number;
}

/** A stack found in a text, innermost frame first. */
export interface Stack {
  readonly format: StackFormat;
  /** Line of its first frame in the text, from 1. */
  readonly line: number;
  /** Kernel release that the text names for it, as in `uname -r`. */
  readonly build?: string;
  /** Of the kernel, where the text names it: after the version since 5.15 with CONFIG_STACKTRACE_BUILD_ID. */
  readonly buildId?: BuildId;
  /** How often it was seen, where the text counts. A perf report counts in hundredths of a percent. */
  readonly count?: number;
  /** The text itself says that frames are missing at the outer end. */
  readonly truncated?: true;
  readonly frames: readonly StackFrame[];
  /** Line of each frame in the text, from 1; as many as frames. */
  readonly lines: readonly number[];
}
