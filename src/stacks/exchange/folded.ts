/** Folded stacks, `root;caller;leaf count`, as FlameGraph's tools read them; `_[i]` marks what was inlined, as they write it. Lines, offsets and modules are not kept. */
import { foldStacks } from "../model/foldStacks";
import type { WeightedFrame, WeightedStack } from "../model/weightedStack";

export const foldedText = (stacks: readonly WeightedStack[]): string =>
  foldStacks(stacks, ({ name }) => name).filter(({ frames }) => frames.length > 0).map(({ frames, count }) => `${frames.map(nameOf).join(";")} ${count}\n`).join("");

/** A separator inside of a name would part it. */
const nameOf = ({ name, inlined }: WeightedFrame): string => `${name.replace(/[;\s]/g, "_")}${inlined ? "_[i]" : ""}`;
