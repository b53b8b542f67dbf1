/** The Debian packages that building and testing need on this machine, in one table. The lab brings its own list (test/lab/hostTools.ts). */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** @param {...string} names @returns {boolean} whether one of these programs can be started */
function hasProgram(...names) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return names.some((name) => folders.some((folder) => existsSync(join(folder, name))));
}

/** @typedef {{ name: string, isThere: () => boolean, use: string }} SystemPackage */

/** @type {Record<"host" | "window" | "helper", SystemPackage[]>} */
export const systemPackages = {
  host: [
    { name: "python3", isThere: () => hasProgram("python3"), use: "node-gyp, for two modules of the VS Code host" },
    { name: "make", isThere: () => hasProgram("make"), use: "the same" },
    { name: "g++", isThere: () => hasProgram("g++"), use: "the same" },
  ],
  window: [
    {
      name: "chromium",
      isThere: () => Boolean(process.env.CHROMIUM_PATH) || hasProgram("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
      use: "the window of the integration and end-to-end tests",
    },
  ],
  helper: [
    { name: "gcc", isThere: () => hasProgram("gcc"), use: "building the netlink helper again, to compare it with the one in the sources" },
    { name: "gcc-aarch64-linux-gnu", isThere: () => hasProgram("aarch64-linux-gnu-gcc"), use: "the same for arm64" },
  ],
};

/** How to become root here: [] when we are, ["sudo"] when it works, undefined when there is no way. @returns {string[] | undefined} */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  if (!hasProgram("sudo")) return undefined;
  // With a terminal sudo may ask for the password; without one it must do without.
  if (process.stdin.isTTY) return ["sudo"];
  return spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0 ? ["sudo", "-n"] : undefined;
}

/** @param {string[]} command @returns {boolean} whether it went well */
function runVisibly(command) {
  const [program = "", ...args] = command;
  const result = spawnSync(program, args, { stdio: "inherit", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
  return result.status === 0;
}

/**
 * Installs what is missing of these groups; throws with the exact command when it cannot.
 * @param {(keyof typeof systemPackages)[]} groups
 */
export function ensureSystemPackages(groups) {
  const missing = groups.flatMap((group) => systemPackages[group]).filter((entry) => !entry.isThere());
  if (missing.length === 0) return;
  const install = ["apt-get", "install", "--yes", "--no-install-recommends", ...missing.map(({ name }) => name)];
  const wanted = missing.map(({ name, use }) => `  ${name}: ${use}`).join("\n");
  if (!hasProgram("apt-get")) throw new Error(`Missing on this machine, which has no apt-get to install it:\n${wanted}`);
  const prefix = rootPrefix();
  const advice = `Install it with:\n  sudo apt-get update && sudo ${install.join(" ")}`;
  if (!prefix) throw new Error(`Missing on this machine:\n${wanted}\n${advice}`);
  console.log(`Installing what is missing on this machine:\n${wanted}`);
  runVisibly([...prefix, "apt-get", "update", "-qq"]);
  if (!runVisibly([...prefix, ...install])) throw new Error(`apt-get failed. ${advice}`);
}
