import { window } from "vscode";
import type { Services } from "../../services";
import { chooseTrace } from "../../traces/chooseTrace";
import { isRunning } from "../../traces/traceRegistry";
import { summaryText } from "../../views/traceRows";

export async function stopTrace(services: Services, argument?: unknown): Promise<void> {
  const entry = await chooseTrace(services, argument, "Stop Trace", isRunning);
  if (!entry) return;
  const summary = await entry.trace.stop();
  window.setStatusBarMessage(`Trace on ${entry.hostName} stopped: ${summaryText(summary)}`, 5000);
}
