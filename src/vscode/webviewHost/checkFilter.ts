import type { FilterCheck } from "../../protocol/socketTable";
import { FilterError } from "../../sockdiag/filterExpression";
import { filterHint } from "../../sockdiag/filterHint";
import { explainPlan, planFilter } from "../../sockdiag/filterPlan";
import { parseFilter } from "../../sockdiag/parseFilter";
import type { Protocol } from "../../sockdiag/protocols";

/** What is wrong with a filter and where, or how it will be read. */
export function checkFilter(text: string, protocols: readonly Protocol[]): FilterCheck {
  try {
    const filter = parseFilter(text);
    return { notes: text.trim() === "" ? [] : explainPlan(planFilter(filter, text), protocols) };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const { message, position, length } = error;
    const hint = filterHint(error, text);
    return { problem: { message, position, length, ...(hint !== undefined && { hint }) }, notes: [] };
  }
}
