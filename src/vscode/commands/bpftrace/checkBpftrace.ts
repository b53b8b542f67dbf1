import { window } from "vscode";
import { bpftraceMethods } from "../../../protocol/bpftrace";
import { withProgress } from "../../async/withProgress";
import { chooseProgram, programTitle } from "../../bpftrace/chooseProgram";
import { chooseHost } from "../../hosts/chooseHost";
import type { Services } from "../../services";

/** Lets the host's own bpftrace read and compile the program in the editor; nothing is loaded. What it says stands in the text and in Problems. */
export async function checkBpftrace(services: Services, argument?: unknown): Promise<void> {
  const document = await chooseProgram(argument);
  const chosen = await chooseHost(services, undefined, "Check bpftrace Program");
  if (!chosen) return;
  services.hosts.setActive(chosen.name);
  const client = await services.languageServer().start();
  const found = await withProgress(`Checking ${programTitle(document)} on ${chosen.name}`, () => client.sendRequest<number>(bpftraceMethods.check, { uri: document.uri.toString() }));
  const words = found === 0 ? "finds nothing wrong" : found === 1 ? "finds one problem" : `finds ${found} problems`;
  void window.showInformationMessage(`bpftrace on ${chosen.name} ${words} in ${programTitle(document)}.`);
}
