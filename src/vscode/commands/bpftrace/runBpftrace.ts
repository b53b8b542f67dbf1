import { chooseProgram, programTitle } from "../../bpftrace/chooseProgram";
import { openProgramTerminal } from "../../bpftrace/programTerminal";
import { chooseHost } from "../../hosts/chooseHost";
import type { Services } from "../../services";

/** Runs the program in the editor on a host; its output is decoded in a terminal. */
export async function runBpftrace(services: Services, argument?: unknown): Promise<void> {
  const document = await chooseProgram(argument);
  const chosen = await chooseHost(services, undefined, "Run bpftrace Program");
  if (!chosen) return;
  services.log.info(`${chosen.name}: running ${programTitle(document)}`);
  openProgramTerminal(chosen.host, programTitle(document), document.getText());
}
