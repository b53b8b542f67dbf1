/**
 * Stacks as `perf script` prints samples, for the tools that read only that. The event is named `knetscope:stacks`, and its number is how often
 * the stack was seen. Frames without a known address have the address 0.
 */
import type { WeightedFrame, WeightedStack } from "../model/weightedStack";

export const perfScriptEvent = "knetscope:stacks";

export const perfScriptText = (stacks: readonly WeightedStack[]): string =>
  stacks.filter(({ frames }) => frames.length > 0).map((stack, index) => `kernel 0 [000] ${index}.000000: ${stack.count} ${perfScriptEvent}: \n${[...stack.frames].reverse().map(frameText).join("")}\n`).join("");

function frameText({ name, module, inlined, offset, address }: WeightedFrame): string {
  const isName = !/^0x|^\?$/.test(name);
  const place = offset === undefined ? "" : `+0x${offset.toString(16)}`;
  const dso = inlined ? "inlined" : `[${module ?? "kernel.kallsyms"}]`;
  return `\t${(address ?? 0n).toString(16).padStart(16, "0")} ${isName ? `${name}${place}` : "[unknown]"} (${dso})\n`;
}
