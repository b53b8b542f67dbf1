import { unweighStack } from "../stacks/model/weightedStack";
import { readStacks } from "../stacks/exchange/readStacks";
import type { ParsedStacks } from "../stacks/parseStacks";
import { isTraceJson, parseTrace } from "./savedTrace";
import { weighTrace } from "./weighTrace";

/**
 * Stacks of a file of any kind that we read; those of a saved trace with inlined functions and as often as they were seen, of a call graph weighed by nanoseconds.
 *
 * @throws DomainError `stacks/bad-trace`, and those of `readStacks`
 */
export function readStackFile(text: string): ParsedStacks {
  const value = /^\s*\{/.test(text) ? parseJson(text) : undefined;
  if (!isTraceJson(value)) return readStacks(text);
  const stacks = weighTrace(parseTrace(value).groups).filter(({ frames }) => frames.length > 0).map((stack) => {
    const { frames, count } = unweighStack(stack);
    return { format: "json" as const, line: 1, ...(count === undefined ? {} : { count }), frames, lines: frames.map(() => 1) };
  });
  return { stacks, diagnostics: [] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
