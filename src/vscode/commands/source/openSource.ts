import { window } from "vscode";
import { chooseHost } from "../../hosts/chooseHost";
import type { Services } from "../../services";
import { parseFileLine } from "../../sources/parseFileLine";
import { openPlace } from "./openSourceAt";

/** Opens a file of the kernel tree of the build that a host runs. */
export async function openSource(services: Services, argument?: unknown): Promise<void> {
  const chosen = await chooseHost(services, argument, "Open Kernel Source");
  if (!chosen) return;
  const text = await window.showInputBox({
    title: `Open Kernel Source of ${chosen.name}`,
    prompt: "A file of the kernel tree, with a line if you like",
    placeHolder: "net/ipv4/tcp_ipv4.c:1993",
    validateInput: (value) => (value.trim() === "" || parseFileLine(value) ? undefined : "Expected a file name, then perhaps a colon and a line."),
  });
  const place = text === undefined ? undefined : parseFileLine(text);
  if (place) await openPlace(services, chosen.name, place);
}
