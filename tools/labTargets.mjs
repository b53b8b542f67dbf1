import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cacheFolder } from "./cacheFolder.mjs";

const root = resolve(import.meta.dirname, "..");

/** @typedef {{ name: string, alias: string, release: string, pid: number, sshConfigFile: string, vmlinux?: string, modulesDir?: string, debugDir?: string, sourceTarball?: string }} LabTarget */

/** @param {number} pid */
function isRunning(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("qemu-system");
  } catch {
    return false;
  }
}

/** The lab's targets that run now, as its state files tell (test/lab/labState.ts). @returns {LabTarget[]} */
export function runningTargets() {
  const folder = join(cacheFolder(), "lab");
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => /^state-.*\.json$/.test(name)) : [];
  return files.map((name) => JSON.parse(readFileSync(join(folder, name), "utf8"))).filter(({ pid }) => isRunning(pid));
}

/** Ends the targets that run now and did not run before. @param {LabTarget[]} before */
export function endTargetsSince(before) {
  const started = runningTargets().filter(({ pid }) => !before.some((target) => target.pid === pid));
  for (const { name } of started) spawnSync("npm", ["run", "--silent", "lab", "--", "down", "--name", name], { cwd: root, stdio: "inherit" });
}
