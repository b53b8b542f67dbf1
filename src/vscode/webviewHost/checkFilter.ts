import type { FilterCheck } from "../../protocol/socketTable";
import { FilterError } from "../../sockdiag/filterExpression";
import { filterHint } from "../../sockdiag/filterHint";
import { explainPlan, planFilter } from "../../sockdiag/filterPlan";
import { parseFilter } from "../../sockdiag/parseFilter";
import type { Protocol } from "../../sockdiag/protocols";

/** Protocols that a table asks for. */
export const tableProtocols: readonly Protocol[] = ["tcp", "udp"];

/** What is wrong with a filter and where, or how it will be read. */
export function checkFilter(text: string): FilterCheck {
  try {
    const filter = parseFilter(text);
    return { notes: text.trim() === "" ? [] : explainPlan(planFilter(filter, text), tableProtocols) };
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    const { message, position, length } = error;
    const hint = filterHint(error, text);
    return { problem: { message, position, length, ...(hint !== undefined && { hint }) }, notes: [] };
  }
}
