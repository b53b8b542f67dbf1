import { unweighStack } from "../model/weightedStack";
import { parseStacks, type ParsedStacks } from "../parseStacks";
import { isSpeedscope, parseSpeedscope } from "./speedscope";
import { isStacksJson, parseStacksJson } from "./stacksJson";

/**
 * Stacks of a file of any kind that we read: our JSON, speedscope's, else every notation in its text.
 *
 * @throws DomainError `stacks/bad-json`, `stacks/bad-speedscope`
 */
export function readStacks(text: string): ParsedStacks {
  const value = /^\s*\{/.test(text) ? parseJson(text) : undefined;
  if (isStacksJson(value)) return { stacks: parseStacksJson(value), diagnostics: [] };
  if (!isSpeedscope(value)) return parseStacks(text);
  const stacks = parseSpeedscope(value).map((stack) => {
    const { frames, count } = unweighStack(stack);
    return { format: "speedscope" as const, line: 1, ...(count === undefined ? {} : { count }), frames, lines: frames.map(() => 1) };
  });
  return { stacks, diagnostics: [] };
}

/** Several objects, one a line, are no JSON file but a text like any other. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
