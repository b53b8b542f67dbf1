import type { Services } from "../../services";
import { chooseTrace } from "../../traces/chooseTrace";
import { revealRow } from "../../views/revealRow";

/** Shows a trace in its view, where the evidence of a finding is. */
export async function showTrace(services: Services, argument?: unknown): Promise<void> {
  const entry = await chooseTrace(services, argument, "Show Trace", () => true);
  if (entry) await revealRow(services, "traces", entry.id);
}
