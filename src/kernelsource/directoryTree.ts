import { errorCode } from "../base/errors";
import type { Target } from "../target/target";
import { makefileVersion, type SourceTree } from "./sourceTree";

/** The largest file that is shown; kernel sources stay far below (the largest generated headers are about 20 MB). */
const maxFileSize = 32 * 1024 * 1024;

/** What a tree needs of the machine it lies on. */
export type TreeHost = Pick<Target, "name" | "kind" | "stat" | "openFile">;

/** An unpacked tree on this machine or on the target. */
export function directoryTree(target: TreeHost, root: string): SourceTree {
  const read = async (file: string): Promise<string | undefined> => readText(target, `${root}/${file}`);
  return {
    origin: target.kind === "local" ? root : `${target.name}:${root}`,
    read,
    ...(target.kind === "local" && { folder: () => Promise.resolve(root) }),
    version: async () => {
      const makefile = await read("Makefile");
      return makefile === undefined ? undefined : makefileVersion(makefile);
    },
  };
}

async function readText(target: TreeHost, path: string): Promise<string | undefined> {
  const stat = await target.stat(path);
  if (!stat || stat.isDirectory || stat.size > maxFileSize) return undefined;
  try {
    const file = await target.openFile(path);
    try {
      return new TextDecoder().decode(await file.read(0, file.size));
    } finally {
      await file.close();
    }
  } catch (error) {
    // Gone since it was looked at.
    if (errorCode(error) === "target/no-such-file") return undefined;
    throw error;
  }
}
