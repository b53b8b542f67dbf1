import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

/** @param {string} file @returns {Record<string, { version?: string, optional?: boolean }>} packages by their place under node_modules */
function lockedPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : {};
}

/** Whether node_modules holds what package-lock.json says. What is optional may be missing: it is for other platforms. */
function areInstalled() {
  const installed = lockedPackages(join(root, "node_modules/.package-lock.json"));
  const wanted = Object.entries(lockedPackages(join(root, "package-lock.json"))).filter(([place]) => place !== "");
  return wanted.every(([place, { version, optional }]) => installed[place]?.version === version || (optional && !installed[place]));
}

/** Brings node_modules in line with package-lock.json when it is not. Without install scripts: none of ours is needed, and some compile for nothing. */
export function ensureDependencies() {
  if (areInstalled()) return;
  console.log("Installing the npm packages of package-lock.json");
  const { status } = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new Error("npm ci failed.");
}
