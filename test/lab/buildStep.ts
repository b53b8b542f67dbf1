import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { labPaths } from "./labPaths";

/** A short digest over everything a step depends on. */
export function digest(...inputs: (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(input).update("\0");
  return hash.digest("hex").slice(0, 16);
}

/**
 * One step of a build: makes `output` (a file or folder) unless it was made from the same `key` before.
 * `make` writes to the temporary path it is given; only finished work gets its final name, and the stamp comes last, so a
 * step that was killed is simply done again. The caller holds the lock.
 */
export async function buildStep(output: string, key: string, make: (partial: string) => Promise<void>): Promise<string> {
  const stamp = `${output}.stamp`;
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, "utf8") === key) return output;
  mkdirSync(labPaths.temp, { recursive: true });
  const partial = join(labPaths.temp, basename(output));
  rmSync(partial, { recursive: true, force: true });
  await make(partial);
  rmSync(stamp, { force: true });
  rmSync(output, { recursive: true, force: true });
  renameSync(partial, output);
  writeFileSync(stamp, key);
  return output;
}
