import type { Vaddr } from "../../base/brands";
import { makeFrame, moduleName } from "../parseFrame";
import type { SourcePlace, Stack, StackFrame } from "../stack";

/** One function of a stack that is counted: what is needed to draw, search, compare and open it. */
export interface WeightedFrame {
  /** Name of the function, or an address in hex with `0x`. */
  readonly name: string;
  readonly module?: string;
  readonly source?: SourcePlace;
  /** Its code was inlined into the function before it, its caller. */
  readonly inlined?: true;
  readonly offset?: number;
  readonly size?: number;
  /** Run-time address. */
  readonly address?: Vaddr;
}

/** A stack with a number: events, samples or nanoseconds, whatever the trace counts. */
export interface WeightedStack {
  /** Outermost first, as flame graphs stand and folded stacks are written. */
  readonly frames: readonly WeightedFrame[];
  readonly count: number;
  /** Title of the cause, where one is known. */
  readonly cause?: string;
}

/** A stack as it stands in a text; one that nothing counts counts once. */
export const weighStack = ({ frames, count = 1 }: Pick<Stack, "frames" | "count">): WeightedStack => ({ frames: frames.map(weighFrame).reverse(), count });

export function weighFrame({ symbol, module, source, kind, offset, size, address }: StackFrame): WeightedFrame {
  const parts = { module, source, offset, size, address, ...(kind === "inlined" ? { inlined: true as const } : {}) };
  const known = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
  return { name: symbol ?? (address === undefined ? "?" : `0x${address.toString(16)}`), ...known };
}

/** Back to a stack of frames, innermost first; the first one is exact and the others are return addresses. */
export function unweighStack({ frames, count }: WeightedStack): Pick<Stack, "frames" | "count"> {
  const innermostFirst = [...frames].reverse();
  const exact = innermostFirst.findIndex((frame) => frame.inlined !== true);
  return { count, frames: innermostFirst.map((frame, index) => unweighFrame(frame, index === exact)) };
}

function unweighFrame({ name, module, inlined, ...rest }: WeightedFrame, exact: boolean): StackFrame {
  const symbol = /^0x[0-9a-f]+$/.test(name) || name === "?" ? undefined : name;
  return makeFrame({ ...rest, symbol, module: moduleName(module), kind: inlined ? "inlined" : exact ? "exact" : "return" });
}

/** `f [module]`: what makes two frames one, where lines do not part them. */
export const frameName = ({ name, module }: WeightedFrame): string => (module === undefined ? name : `${name} [${module}]`);

/** `f [module] file:line`: parts calls from different lines of one function. */
export const frameLine = (frame: WeightedFrame): string => (frame.source === undefined ? frameName(frame) : `${frameName(frame)} ${frame.source.file}:${frame.source.line}`);
