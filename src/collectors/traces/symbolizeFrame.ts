import type { Vaddr } from "../../base/brands";
import { makeFrame } from "../../stacks/parseFrame";
import type { StackFrame } from "../../stacks/stack";

/** Of `Kallsyms`, what is needed here. */
export interface AddressLookup {
  lookup(address: Vaddr): { readonly symbol: string; readonly offset: number; readonly size: number | undefined; readonly module: string | undefined; readonly isCode: boolean } | undefined;
}

/**
 * Names a frame by its address. bpftrace reads kallsyms once, so it names what was loaded later after whatever lies before it
 * (`cleanup_module+23658`); the address is right. A return address may be the first byte after its function, so it is looked up one byte before.
 *
 * Our table may be the older one: a name that came with its size is the kernel's own, and a frame that seems to lie in data is in a module that came later.
 */
export function symbolizeFrame(frame: StackFrame, kallsyms: AddressLookup): StackFrame {
  if (frame.address === undefined || frame.kind === "inlined" || frame.size !== undefined) return frame;
  const back = frame.kind === "return" ? 1n : 0n;
  const found = kallsyms.lookup((frame.address - back) as Vaddr);
  if (!found?.isCode || (found.size !== undefined && found.offset >= found.size)) return frame;
  const { symbol, module, size } = found;
  return makeFrame({ ...frame, symbol, offset: found.offset + Number(back), size, module });
}
