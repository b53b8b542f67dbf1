import { requireState, type LabState } from "./labState";
import { qmp } from "./qmp";
import { runTool, tryTool, type ToolOptions, type ToolResult } from "./runTool";

/** argv of the ssh client for a target, as root or as another of its users. */
export function sshArgv(state: LabState, command: readonly string[], user = "root"): string[] {
  return ["ssh", "-F", state.sshConfigFile, "-o", "ConnectTimeout=30", user === "root" ? state.alias : `${state.alias}-${user}`, ...command];
}

/** Runs a shell line on a target and returns its stdout; throws with its stderr unless it exits with 0. */
export const inGuest = (state: LabState, line: string, options?: ToolOptions): Promise<string> => runTool(sshArgv(state, [line]), options);

export const tryInGuest = (state: LabState, line: string, options?: ToolOptions): Promise<ToolResult> => tryTool(sshArgv(state, [line]), options);

/** Pulls or plugs the target's network cable: nothing gets through and nobody is told (no FIN, no RST). */
export async function setLink(name: string, up: boolean): Promise<void> {
  await qmp(requireState(name).qmpSocket, "set_link", { name: "nic0", up });
}
