import { jsonObjectOf, parsedOf, readStacks } from "../stacks/exchange/readStacks";
import type { ParsedStacks } from "../stacks/parseStacks";
import { isTraceJson, parseTrace } from "./savedTrace";
import { weighTrace } from "./weighTrace";

/**
 * Stacks of a file of any kind that we read; those of a saved trace with inlined functions and as often as they were seen, of a call graph weighed by nanoseconds.
 *
 * @throws DomainError `stacks/bad-trace`, and those of `readStacks`
 */
export function readStackFile(text: string): ParsedStacks {
  const value = jsonObjectOf(text);
  return isTraceJson(value) ? parsedOf(weighTrace(parseTrace(value).groups).filter(({ frames }) => frames.length > 0), "json") : readStacks(text);
}
