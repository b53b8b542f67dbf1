import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { labPaths } from "./labPaths";
import { isAlive, type LabState } from "./labState";
import { qmp } from "./qmp";

/** What the kernel said last, for an error message. */
export function consoleEnd({ name }: Pick<LabState, "name">): string {
  const file = join(labPaths.run(name), "console.log");
  return `the console ends with:\n${existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(-10).join("\n") : ""}`;
}

/** Where a target stands that does not answer any more: whether QEMU runs, what its processors do, and what its kernel said. */
export async function targetState(state: LabState): Promise<string> {
  const processors = isAlive(state) ? await processorStates(state) : "QEMU has ended";
  return `${processors}; ${consoleEnd(state)}`;
}

/** Instruction pointers name the place of a kernel that hangs; HLT=1 is one that waits. */
async function processorStates({ qmpSocket }: LabState): Promise<string> {
  const registers = await qmp(qmpSocket, "human-monitor-command", { "command-line": "info registers -a" }).catch(String);
  return (String(registers).match(/\bRIP=\w+|\bHLT=\d/g) ?? [String(registers)]).join(" ");
}
