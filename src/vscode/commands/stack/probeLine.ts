import { window } from "vscode";
import type { StackArgument } from "../../../protocol/kernelStacks";
import { openProbe } from "../../kernelStacks/openProbe";
import type { Services } from "../../services";

/** Opens a program that watches the very place of a frame. */
export async function probeLine(services: Services, argument?: unknown): Promise<void> {
  if (argument === undefined) void window.showInformationMessage("Choose “Probe this line” on a frame of a kernel stack.");
  else await openProbe(services, argument as StackArgument, "line", "Probe This Line");
}
