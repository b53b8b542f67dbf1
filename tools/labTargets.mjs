import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cacheFolder } from "./cacheFolder.mjs";

/** Environment variable by which all that this process starts can be told from what others start. */
const mark = "KNETSCOPE_RUN";
process.env[mark] = randomUUID();

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

/** @param {number} pid @returns {boolean} whether it was started by this process or one below it */
function isOurs(pid) {
  return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(`${mark}=${process.env[mark]}`);
}

/** Ends the targets that this process and those below it have started, and no others. */
export function endOwnTargets() {
  for (const { name, pid } of runningTargets()) {
    if (isOurs(pid)) spawnSync("npm", ["run", "--silent", "lab", "--", "down", "--name", name], { cwd: root, stdio: "inherit" });
  }
}
