import type { Vaddr } from "../base/brands";
import type { SourcePlace } from "../stacks/stack";

export type ResolveStatus =
  | "ok"
  /** No symbol of that name in the file. */
  | "unknown-symbol"
  /** The offset lies outside the symbol, or the given size is not that of any symbol of the name. */
  | "out-of-range"
  /** No debuginfo file was found for the kernel or module. */
  | "no-debuginfo"
  /** The symbol is known, but no line covers the address (assembler, padding, generated code). */
  | "no-line"
  /** A debuginfo file was found, of another build. */
  | "build-id-mismatch"
  /** The frame is an address that lies in no symbol. */
  | "unknown-address"
  /** The debuginfo is damaged or of a kind we cannot read; the message says file, section and offset. */
  | "unreadable-debuginfo";

/** One function in the chain at an address. `file` and `line` are absent when debuginfo names the function only. */
export interface SourceFrame {
  readonly function: string;
  readonly source?: SourcePlace;
  /** This function's code was inlined into the next one of the chain. */
  readonly inlined: boolean;
}

/** The answer for one frame. */
export interface ResolvedFrame {
  /** The frame as it was asked, `tcp_v4_rcv+0x536/0xee0 [module]`. */
  readonly input: string;
  readonly symbol?: string;
  readonly offset?: number;
  readonly size?: number;
  readonly module?: string;
  /** Link-time address in vmlinux, or section-relative address in a module. */
  readonly address?: Vaddr;
  readonly status: ResolveStatus;
  /** A sentence, present unless the status is `ok` and there is nothing to add. */
  readonly message?: string;
  /** `caller`: the line of the call instruction (address − 1), for return addresses. */
  readonly lookup: "exact" | "caller";
  /** Innermost first; empty without a line. */
  readonly frames: readonly SourceFrame[];
  /** All places, when the name stands for several and nothing tells which. */
  readonly matches?: readonly ResolvedMatch[];
}

export interface ResolvedMatch {
  readonly address: Vaddr;
  readonly size: number;
  readonly frames: readonly SourceFrame[];
}
