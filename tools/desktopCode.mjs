/** The user's own VS Code: found, and run in a profile of its own so that nothing of theirs is touched. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** @typedef {{ userDataDir: string, extensionsDir: string, folder: string }} Profile */

/** Path of the `code` to use; undefined where there is none or no display for it. KNETSCOPE_VSCODE names another, or `host` for the browser. @returns {string | undefined} */
export function desktopCode() {
  const choice = process.env.KNETSCOPE_VSCODE;
  if (choice === "host") return undefined;
  if (choice) return choice;
  if (process.platform === "linux" && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return undefined;
  return (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "code")).find((place) => existsSync(place));
}

/** @param {Profile} profile @returns {string[]} */
function profileArguments({ userDataDir, extensionsDir }) {
  // As root VS Code starts only with its own data folder and without its sandbox.
  return ["--user-data-dir", userDataDir, "--extensions-dir", extensionsDir, ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])];
}

/** @param {string} code @param {Profile} profile @param {string} vsix */
export function installInDesktop(code, profile, vsix) {
  const { status } = spawnSync(code, ["--install-extension", vsix, "--force", ...profileArguments(profile)], { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error(`${code} could not install ${vsix}.`);
}

/** Opens a window. `ended`: the user closed it. @param {string} code @param {Profile} profile */
export function openDesktop(code, profile) {
  const child = spawn(code, ["--new-window", "--wait", ...profileArguments(profile), profile.folder], { stdio: ["ignore", "ignore", "inherit"] });
  return {
    ended: once(child, "exit").then(() => "the window was closed"),
    async stop() {
      child.kill();
      // `code` only asks the main process, whose id is in the profile.
      const lock = join(profile.userDataDir, "code.lock");
      const pid = existsSync(lock) ? Number(readFileSync(lock, "utf8")) : 0;
      if (pid > 1 && existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(profile.userDataDir)) process.kill(pid, "SIGTERM");
    },
  };
}
