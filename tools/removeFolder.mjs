import { rmSync } from "node:fs";

/**
 * Removes a temporary folder with all in it. Processes that were just killed may write into it for another moment, so it is tried again; a folder that
 * stays is said and is no reason to fail: what ran in it has ended already.
 * @param {string} folder
 */
export function removeFolder(folder) {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  } catch (error) {
    console.error(`${folder} could not be removed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
