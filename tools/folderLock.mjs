import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** @param {string} file @returns {boolean} whether the process that wrote the lock still runs */
function ownerRuns(file) {
  try {
    process.kill(Number(readFileSync(file, "utf8")), 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/** @param {string} file @returns {boolean} */
function tryLock(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    return false;
  }
}

/**
 * Runs `work` while no other process works on `folder`; waits for the other one, and takes over a lock whose owner has died.
 * @template T
 * @param {string} folder
 * @param {() => Promise<T>} work
 * @param {() => void} [onWait] called once when another process holds the lock
 * @returns {Promise<T>}
 */
export async function withFolderLock(folder, work, onWait) {
  const file = `${folder}.lock`;
  mkdirSync(dirname(file), { recursive: true });
  for (let waits = 0; !tryLock(file); waits++) {
    // A lock without a living owner: given a moment, as the owner may be between creating the file and writing its id.
    if (waits > 1 && !ownerRuns(file)) rmSync(file, { force: true });
    if (waits === 0) onWait?.();
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}
