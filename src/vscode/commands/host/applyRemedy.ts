import { env, window } from "vscode";
import type { Remedy } from "../../../collectors/capability";
import { applyRemedyOn } from "../../hosts/applyRemedyOn";
import type { Services } from "../../services";
import { rowSubject } from "../../views/rowSubject";

/** Runs the remedy of a row, after asking; one that only the user can run is offered for copying. */
export async function applyRemedy(services: Services, argument?: unknown): Promise<void> {
  const subject = rowSubject(argument);
  const remedy = subject?.kind === "remedy" ? subject.remedy : subject?.kind === "finding" ? subject.finding.remedy : undefined;
  if (!remedy || !subject || !("host" in subject)) return;
  if (remedy.argv) await applyRemedyOn(services, subject.host, remedy);
  else await offerToCopy(remedy);
}

async function offerToCopy(remedy: Remedy): Promise<void> {
  if (remedy.command === undefined) {
    void window.showInformationMessage(remedy.title);
    return;
  }
  const answer = await window.showInformationMessage(`${remedy.title}: ${remedy.command}`, "Copy Command");
  if (answer) await env.clipboard.writeText(remedy.command);
}
