import { window } from "vscode";
import type { StackArgument } from "../../../protocol/kernelStacks";
import { openProbe } from "../../kernelStacks/openProbe";
import type { Services } from "../../services";

/** Opens a program that watches the function of a frame. */
export async function traceFunction(services: Services, argument?: unknown): Promise<void> {
  if (argument === undefined) void window.showInformationMessage("Choose “Trace this function” on a frame of a kernel stack.");
  else await openProbe(services, argument as StackArgument, "function", "Trace This Function");
}
