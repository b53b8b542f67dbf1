import { env } from "vscode";
import type { Services } from "../../services";
import { rowText } from "../../views/row";
import { isRow } from "../../views/rowSubject";

/** Copies the row it was invoked on, or all selected rows, with what stands below them. */
export async function copy(services: Services, argument?: unknown, selected?: unknown): Promise<void> {
  const chosen = Array.isArray(selected) && selected.length > 0 ? selected.filter(isRow) : isRow(argument) ? [argument] : selectedRows(services);
  if (chosen.length > 0) await env.clipboard.writeText(chosen.map((row) => rowText(row)).join("\n"));
}

const selectedRows = ({ views }: Services) => Object.values(views).find((view) => view.visible && view.selection.length > 0)?.selection ?? [];
