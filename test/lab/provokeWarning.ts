import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inGuest } from "./guestControl";
import type { LabState } from "./labState";

const program = readFileSync(join(import.meta.dirname, "guest/warning.py"), "utf8");

/** Makes a target's kernel warn, and gives what it printed, from `cut here` to the end of the trace. Once a boot: later ones give the same text. */
export async function provokeWarning(target: LabState): Promise<string> {
  await inGuest(target, "python3 -", { stdin: program });
  const log = await inGuest(target, "dmesg");
  const lines = log.split("\n");
  const first = lines.findIndex((line) => line.includes("[ cut here ]"));
  const last = lines.findIndex((line, index) => index > first && line.includes("---[ end trace"));
  if (first < 0 || last < 0) throw new Error(`the kernel of ${target.name} did not warn`);
  return `${lines.slice(first, last + 1).join("\n")}\n`;
}
