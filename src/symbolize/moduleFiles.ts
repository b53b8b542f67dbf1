import { statSync, type Stats } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Target } from "../target/target";
import { isModuleFile, moduleFilePattern, moduleFolders } from "./debuginfoPlaces";

/** The file of a module in a folder here, at any depth: NAME.ko.debug, NAME.ko, or a packed one. */
export async function findModuleFile(folder: string, name: string): Promise<string | undefined> {
  return (await moduleFilesIn([folder], name))[0];
}

/** Files of a module below folders of this machine, debug files first, packed ones last. */
export async function moduleFilesIn(folders: readonly string[], name: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of new Set(folders)) {
    if (!isFolder(folder)) continue;
    const entries = await readdir(folder, { recursive: true });
    found.push(...entries.filter((entry) => isModuleFile(baseName(entry), name)).map((entry) => join(folder, entry)));
  }
  return inOrder(found);
}

/** The same on the target, below the usual folders. */
export async function findOnTarget(target: Target, release: string, name: string): Promise<string[]> {
  // find fails where a folder is missing, and prints what it found in the others all the same.
  const { stdout } = await target.run({ argv: ["find", ...moduleFolders("/", release), "-name", moduleFilePattern(name), "-type", "f"] });
  return inOrder(Buffer.from(stdout).toString("utf8").split("\n").filter((path) => isModuleFile(baseName(path), name)));
}

const inOrder = (paths: readonly string[]): string[] => [...paths].sort((a, b) => rank(a) - rank(b));

const rank = (path: string): number => (/\.(xz|zst|gz)$/.test(path) ? 2 : path.endsWith(".debug") ? 0 : 1);

const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** An empty one is none: debuginfod's client notes by it that no server has a build. */
export const isFile = (path: string): boolean => {
  const stats = statsOf(path);
  return stats !== undefined && stats.isFile() && stats.size > 0;
};
export const isFolder = (path: string): boolean => statsOf(path)?.isDirectory() ?? false;

/** undefined for what is not there or may not be looked at. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
