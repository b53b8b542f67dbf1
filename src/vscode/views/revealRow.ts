import { commands } from "vscode";
import type { Services, ViewId } from "../services";

/** Shows a view with one of its rows selected and opened. A row that is not there leaves the view as it is. */
export async function revealRow({ views, trees }: Services, view: ViewId, id: string): Promise<void> {
  await commands.executeCommand(`knetscope.${view}.focus`);
  trees[view].refreshNow();
  const row = trees[view].find(id);
  if (row) await views[view].reveal(row, { select: true, expand: true });
}
