import { commands } from "vscode";
import { listenerKey } from "../../../collectors/listenerKey";
import { chooseHost } from "../../hosts/chooseHost";
import type { Services } from "../../services";
import { rowSubject } from "../../views/rowSubject";

/** Shows the Listeners view, at the listener when it is a finding about one; connects first when nothing is connected. */
export async function showListeners(services: Services, argument?: unknown): Promise<void> {
  const chosen = await chooseHost(services, argument, "Show Listeners");
  if (!chosen) return;
  await commands.executeCommand("knetscope.listeners.focus");
  const subject = rowSubject(argument);
  const key = subject?.kind === "finding" ? subject.finding.listener : undefined;
  if (key === undefined) await services.listeners.refresh(chosen.name);
  else await revealListener(services, chosen.name, key);
}

async function revealListener({ trees, views }: Services, host: string, key: string): Promise<void> {
  const row = trees.listeners.findWhere(({ subject }) => subject?.kind === "listener" && subject.host === host && listenerKey(subject.listener) === key);
  if (row) await views.listeners.reveal(row, { select: true, focus: true, expand: true });
}
