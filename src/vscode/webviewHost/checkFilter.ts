import type { FilterCheck } from "../../protocol/socketTable";
import { FilterError } from "../../sockdiag/filterExpression";
import { filterHint } from "../../sockdiag/filterHint";
import { parseFilter } from "../../sockdiag/parseFilter";

/** What is wrong with a filter and where, or how it will be read. */
export function checkFilter(text: string): FilterCheck {
  try {
    parseFilter(text);
    return { notes: [] };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const { message, position, length } = error;
    const hint = filterHint(error, text);
    return { problem: { message, position, length, ...(hint !== undefined && { hint }) }, notes: [] };
  }
}
