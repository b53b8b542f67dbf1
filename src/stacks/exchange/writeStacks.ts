import type { Stack } from "../stack";
import { weighStack, type WeightedStack } from "../model/weightedStack";
import { foldedText } from "./folded";
import { perfScriptText } from "./perfScript";
import { speedscopeText } from "./speedscope";
import { stacksJson } from "./stacksJson";

export const stackFileFormats = ["folded", "speedscope", "perf-script", "json"] as const;
export type StackFileFormat = (typeof stackFileFormats)[number];

/** @param name what the stacks are of, for formats that have a title */
export const writeStacks = (stacks: readonly Stack[], format: StackFileFormat, name: string): string =>
  format === "json" ? stacksJson(stacks) : writeWeighted(stacks.map(weighStack), format, name);

export function writeWeighted(stacks: readonly WeightedStack[], format: Exclude<StackFileFormat, "json">, name: string): string {
  switch (format) {
    case "folded": return foldedText(stacks);
    case "speedscope": return speedscopeText(stacks, name);
    case "perf-script": return perfScriptText(stacks);
  }
}
