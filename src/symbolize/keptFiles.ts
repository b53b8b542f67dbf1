import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BuildId } from "../base/brands";
import { cacheFolder } from "../base/cacheFolder";

/** Whole files that we keep by build id, laid out as debuginfod's client does: modules that came packed. */
export const keptPlace = (buildId: BuildId, env?: NodeJS.ProcessEnv): string => join(cacheFolder(env), "debuginfo", buildId, "debuginfo");

const keptBytes = 512 * 2 ** 20;

/** Puts an unpacked file into the cache and gives its path. Complete from the first moment that others see it. */
export function keepUnpacked(buildId: BuildId, bytes: Uint8Array): string {
  const path = keptPlace(buildId);
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}-${Date.now().toString(36)}`;
  writeFileSync(temporary, bytes, { flag: "wx", mode: 0o400 });
  renameSync(temporary, path);
  makeRoom(dirname(folder), buildId);
  return path;
}

/** Those that were unpacked longest ago go first. */
function makeRoom(root: string, except: string): void {
  const kept = readdirSync(root).flatMap((name) => {
    const stats = statSync(join(root, name, "debuginfo"), { throwIfNoEntry: false });
    return stats ? [{ name, size: stats.size, made: stats.mtimeMs }] : [];
  });
  let total = kept.reduce((sum, { size }) => sum + size, 0);
  for (const { name, size } of kept.filter((file) => file.name !== except).sort((a, b) => a.made - b.made)) {
    if (total <= keptBytes) return;
    rmSync(join(root, name), { recursive: true, force: true });
    total -= size;
  }
}
