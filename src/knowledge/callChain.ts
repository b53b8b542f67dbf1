/**
 * The calls that led to a reset, innermost first, inlined ones included. A stack of loopback traffic holds both ends of the connection: the
 * sender's system call, and above it the receiver that ran in the softirq the sender's packet raised. Only the part above the first
 * softirq led to the reset; what is below was merely interrupted.
 */
import { remembered } from "../base/remembered";
import type { SourcePlace } from "../stacks/stack";
import type { ChainFrame } from "./resetFacts";

export interface Call {
  readonly function: string;
  /** Where this function calls the one before it. */
  readonly source?: SourcePlace;
}

/** Functions that send a reset; the chain begins with the caller of the outermost of them. */
const senders = new Set([
  "tcp_v4_send_reset", "tcp_v6_send_reset", "tcp_send_active_reset", "nf_send_reset", "nf_send_reset6", "tcp_reset", "tcp_v6_send_response",
]);

const softirqEntries = new Set([
  "do_softirq", "__do_softirq", "handle_softirqs", "do_softirq_own_stack", "call_softirq", "irq_exit_rcu", "__irq_exit_rcu", "irq_exit", "run_ksoftirqd", "run_timer_softirq", "net_rx_action",
  "napi_threaded_poll", "napi_busy_loop",
]);

const kernelThreads = new Set(["kthread", "worker_thread", "process_one_work", "kthread_worker_fn", "cpu_startup_entry", "start_secondary", "start_kernel", "do_idle"]);

/** A compiler's clones do what the function does: `tcp_v4_rcv.isra.0`, `do_softirq.part.0`, `f.cold`, `f.llvm.123`. */
export const withoutCloneSuffix = (name: string): string => name.replace(/\.(?:isra|part|constprop|cold|llvm|lto_priv|localalias)\b.*$/, "");

export class CallChain {
  private readonly names: ReadonlySet<string>;
  /** It was the process on the CPU that did it, in a system call or while it ended. */
  readonly isOwnDoing: boolean;

  private constructor(
    /** The sending function itself; undefined when the stack does not begin with one. */
    readonly sender: string | undefined,
    readonly calls: readonly Call[],
    /** The chain ends in a softirq, so whoever was on the CPU had no part in it. */
    readonly inSoftirq: boolean,
    /** The calls down to the bottom of the stack, softirq or not. */
    readonly all: readonly Call[],
  ) {
    this.names = new Set(calls.map((call) => call.function));
    this.isOwnDoing = !inSoftirq && !all.some((call) => kernelThreads.has(call.function));
  }

  /** The same for the same array, since a flood of events has few stacks. */
  static readonly of: (stack: readonly ChainFrame[]) => CallChain = remembered((stack) => CallChain.read(stack));

  private static read(stack: readonly ChainFrame[]): CallChain {
    const all = stack.flatMap(callsOfFrame);
    const softirq = all.findIndex((call) => softirqEntries.has(call.function));
    const leading = softirq < 0 ? all : all.slice(0, softirq);
    const at = leading.findLastIndex((call) => senders.has(call.function));
    return new CallChain(leading[at]?.function, leading.slice(at + 1), softirq >= 0, all);
  }

  get caller(): string | undefined {
    return this.calls[0]?.function;
  }

  has(...functions: readonly string[]): boolean {
    return functions.some((name) => this.names.has(name));
  }

  hasMatching(pattern: RegExp): boolean {
    return this.calls.some((call) => pattern.test(call.function));
  }

  find(...functions: readonly string[]): Call | undefined {
    return this.calls.find((call) => functions.includes(call.function));
  }

  /** The process was coming to its end: every socket of it is closed on the way. */
  get isExiting(): boolean {
    return this.has("do_exit", "do_group_exit", "exit_files");
  }

  get isKilled(): boolean {
    return this.isExiting && this.has("get_signal", "arch_do_signal_or_restart", "do_notify_resume");
  }
}

/** How many frames of a stack led to what happened; those after them were only interrupted by the softirq. */
export function causalDepth(stack: readonly ChainFrame[]): number {
  const end = stack.findIndex((frame) => callsOfFrame(frame).some((call) => softirqEntries.has(call.function)));
  return end < 0 ? stack.length : end;
}

function callsOfFrame({ symbol, frames }: ChainFrame): readonly Call[] {
  if (frames.length === 0) return symbol === undefined ? [] : [{ function: withoutCloneSuffix(symbol) }];
  return frames.map((frame) => ({ function: withoutCloneSuffix(frame.function), ...(frame.source && { source: frame.source }) }));
}
