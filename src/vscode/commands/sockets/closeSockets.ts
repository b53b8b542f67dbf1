import { window } from "vscode";
import type { Services } from "../../services";
import { querySockets } from "./querySockets";

/** Closes the sockets of the table in front, after showing them and asking; without a table it opens one to choose them in. */
export async function closeSockets(services: Services): Promise<void> {
  const table = services.socketTables.active;
  if (!table) {
    await querySockets(services);
    return;
  }
  const report = await table.closeShown();
  if (report !== "") void window.showInformationMessage(report);
}
