import { window } from "vscode";
import { closingEffect, destroySummary, whyNotDestroyable, type DestroyResult } from "../../collectors/destroySockets";
import type { SocketRow } from "../../collectors/socketModel";
import type { Host } from "../../session/host";
import { withProgress } from "../async/withProgress";
import { endpointText } from "../../collectors/endpointText";
import { count, processText } from "../views/words";

/** More than a person reads. */
const LIST_LIMIT = 1000;
const MODAL_LIMIT = 12;

/** Shows exactly which sockets would be closed, asks, and closes those. undefined: the user thought better of it. */
export async function closeSockets(host: Host, rows: readonly SocketRow[]): Promise<readonly DestroyResult[] | undefined> {
  const able = rows.filter((row) => whyNotDestroyable(row) === undefined);
  if (able.length === 0) throw new Error(rows[0] ? `None of them can be closed: ${whyNotDestroyable(rows[0]) ?? ""}.` : "There is no socket to close.");
  if (able.length > LIST_LIMIT) throw new Error(`${able.length} sockets are more than anybody would read before closing them. Narrow the filter to ${LIST_LIMIT} or fewer.`);
  const chosen = able.length > MODAL_LIMIT ? await chooseSockets(host.name, able) : able;
  if (!chosen || chosen.length === 0 || !(await confirm(host.name, chosen))) return undefined;
  return withProgress(`Closing ${count(chosen.length, "socket")} on ${host.name}`, (signal) => host.destroySockets(chosen, signal));
}

const labelOf = ({ local, remote }: SocketRow): string => `${endpointText(local)} → ${endpointText(remote)}`;
const describe = ({ protocol, state, processes, netns }: SocketRow): string => [protocol, state, processText(processes), netns.isInit ? "" : netns.name].filter((part) => part !== "").join(" · ");

/** A list too long for a dialog, all of it ticked; what is not wanted can be left out. */
async function chooseSockets(host: string, rows: readonly SocketRow[]): Promise<readonly SocketRow[] | undefined> {
  const items = rows.map((row) => ({ label: labelOf(row), description: describe(row), picked: true, row }));
  const picked = await window.showQuickPick(items, { title: `Close Sockets on ${host}`, placeHolder: "Exactly these would be closed", canPickMany: true, matchOnDescription: true, ignoreFocusOut: true });
  return picked?.map(({ row }) => row);
}

async function confirm(host: string, rows: readonly SocketRow[]): Promise<boolean> {
  const list = rows.slice(0, MODAL_LIMIT).map((row) => `${labelOf(row)}  (${describe(row)})`);
  const more = rows.length > MODAL_LIMIT ? [`and the ${rows.length - MODAL_LIMIT} others that you have just ticked`] : [];
  const detail = [...list, ...more, "", `${closingEffect(rows)} The kernel is given each socket's cookie, so none but these is closed.`].join("\n");
  const button = rows.length === 1 ? "Close Socket" : `Close ${rows.length} Sockets`;
  return (await window.showWarningMessage(`Close ${count(rows.length, "socket")} on ${host}?`, { modal: true, detail }, button)) === button;
}

/** The summary, and why each that is left is left. */
export function closeReport(results: readonly DestroyResult[]): string {
  const left = results.filter(({ outcome }) => outcome !== "closed" && outcome !== "gone");
  const reasons = [...new Set(left.map(({ text }) => text))];
  return [destroySummary(results), ...reasons].join(" ");
}
