/**
 * How far a stack can be believed. Marks that need no knowledge of the kernel come from the text alone; a running kernel or a debuginfo file
 * adds what names are not unique and which build is the right one.
 */
import type { BuildId } from "../base/brands";
import type { Stack, StackFrame } from "./stack";

export const frameMarkWords = {
  unreliable: "the unwinder guessed: the address lay on the stack, and nothing says that it was called from there",
  clone: "a copy of the function that the compiler made, perhaps without some of its arguments",
  "duplicate-name": "several functions of this kernel have this name",
  "wrong-build": "the trace names another build of this module",
  "name-only": "without an offset: the function is known, the line is not",
} as const;

export const stackMarkWords = {
  truncated: "frames are missing at the outer end",
  "wrong-build": "the trace comes from another build of the kernel",
  "names-only": "no frame has an offset or an address",
} as const;

export type FrameMark = keyof typeof frameMarkWords;
export type StackMark = keyof typeof stackMarkWords;

/** What is known of the kernel that a stack is to be read against. Whatever is absent marks nothing. */
export interface KnownKernel {
  readonly release?: string;
  readonly buildId?: BuildId;
  readonly moduleBuildId?: (module: string) => BuildId | undefined;
  /** How many functions have this name. */
  readonly countOf?: (symbol: string, module: string | undefined) => number | undefined;
}

/** Compilers part, specialise and number functions (gcc: isra, constprop, part, cold; clang: llvm.N). `.cold` is a part of one function and no copy. */
const cloneSuffix = /\.(?:isra|constprop|part|llvm|lto_priv)\b/;

export function frameMarks(frame: StackFrame, kernel: KnownKernel = {}): readonly FrameMark[] {
  const { symbol, module, buildId } = frame;
  const own = module === undefined ? kernel.buildId : kernel.moduleBuildId?.(module);
  const marks: readonly (readonly [FrameMark, boolean])[] = [
    ["unreliable", !frame.reliable],
    ["clone", symbol !== undefined && cloneSuffix.test(symbol)],
    ["duplicate-name", symbol !== undefined && frame.address === undefined && (kernel.countOf?.(symbol, module) ?? 1) > 1],
    ["wrong-build", buildId !== undefined && own !== undefined && buildId !== own],
    ["name-only", frame.offset === undefined && frame.address === undefined && frame.source === undefined],
  ];
  return marks.filter(([, holds]) => holds).map(([mark]) => mark);
}

/** The outermost function of every way into the kernel: system calls, interrupts, threads and the CPU's own start. */
const roots =
  /^(?:entry_SYSCALL|entry_INT80|entry_SYSENTER|asm_|ret_from_fork|ret_from_kernel|ret_fast_syscall|ret_to_user|secondary_startup|start_kernel|x86_64_start|start_secondary|cpu_startup_entry|__primary_switched|__secondary_switched|el0t?_|el1h?_|kthread$|system_call|interrupt_return|do_IRQ$|vector_|__irq_svc$|__irq_usr$|handle_exception|common_interrupt|apic_timer_interrupt|do_trap_ecall|handle_syscall)/;

export function stackMarks(stack: Stack, kernel: KnownKernel = {}): readonly StackMark[] {
  const marks: readonly (readonly [StackMark, boolean])[] = [
    ["truncated", isTruncated(stack)],
    ["wrong-build", isOfAnotherBuild(stack, kernel)],
    ["names-only", stack.frames.every((frame) => frameMarks(frame).includes("name-only"))],
  ];
  return marks.filter(([, holds]) => holds).map(([mark]) => mark);
}

/** A tree of calls, a place alone and a stack that somebody folded are whole as they are. */
const wholeFormats: ReadonlySet<Stack["format"]> = new Set(["function-graph", "function-trace", "dropwatch", "folded", "speedscope", "bare"]);

function isTruncated({ truncated, format, frames }: Stack): boolean {
  if (truncated) return true;
  const outermost = frames.at(-1)?.symbol;
  return !wholeFormats.has(format) && outermost !== undefined && !frames.some(({ symbol }) => symbol !== undefined && roots.test(symbol));
}

function isOfAnotherBuild({ build, buildId }: Stack, kernel: KnownKernel): boolean {
  if (buildId !== undefined && kernel.buildId !== undefined) return buildId !== kernel.buildId;
  return build !== undefined && kernel.release !== undefined && build !== kernel.release;
}
