import { unweighStack, type WeightedStack } from "../model/weightedStack";
import { parseStacks, type ParsedStacks } from "../parseStacks";
import { isSpeedscope, parseSpeedscope } from "./speedscope";
import { isStacksJson, parseStacksJson } from "./stacksJson";

/**
 * Stacks of a file of any kind that we read: our JSON, speedscope's, else every notation in its text.
 *
 * @throws DomainError `stacks/bad-json`, `stacks/bad-speedscope`
 */
export function readStacks(text: string): ParsedStacks {
  const value = jsonObjectOf(text);
  if (isStacksJson(value)) return { stacks: parseStacksJson(value), diagnostics: [] };
  if (!isSpeedscope(value)) return parseStacks(text);
  return parsedOf(parseSpeedscope(value), "speedscope");
}

/** Weighted stacks of a file, which has no lines of text of its own. */
export function parsedOf(weighted: readonly WeightedStack[], format: "speedscope" | "json"): ParsedStacks {
  const stacks = weighted.map((stack) => {
    const { frames, count } = unweighStack(stack);
    return { format, line: 1, ...(count === undefined ? {} : { count }), frames, lines: frames.map(() => 1) };
  });
  return { stacks, diagnostics: [] };
}

/** undefined: no JSON file. Several objects, one a line, are none but a text like any other. */
export function jsonObjectOf(text: string): unknown {
  try {
    return /^\s*\{/.test(text) ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
