import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { DomainError } from "../base/errors";
import type { Target } from "../target/target";
import { makefileVersion, type SourceTree } from "./sourceTree";

const memberTimeoutMs = 180_000;

/**
 * A tarball on the target, read there: one file at a time comes over, and is kept in the cache here. Each new
 * file costs the target one pass of decompression, so a tree or tarball on this machine is preferred.
 */
export function remoteArchiveTree(target: Target, archive: string, cacheFolder: string): SourceTree {
  const top = posix.basename(archive).replace(/\.tar(\.\w+)?$|\.t[gx]z$/, "");

  const read = async (file: string, signal?: AbortSignal): Promise<string | undefined> => {
    const kept = join(cacheFolder, "sources", await remoteKey(target, archive), "tree", file);
    const text = await readFile(kept, "utf8").catch(() => undefined);
    if (text !== undefined) return text;
    const argv = ["tar", "-xOf", archive, `${top}/${file}`] as const;
    const { code, stdout, stderr } = await target.run({ argv, timeoutMs: memberTimeoutMs }, signal);
    if (code !== 0) {
      if (/not found in archive/i.test(stderr)) return undefined;
      throw new DomainError("source/bad-archive", stderr.trim() || "tar failed", `${target.name}:${archive}`);
    }
    await keep(kept, stdout);
    return new TextDecoder().decode(stdout);
  };

  return {
    origin: `${target.name}:${archive}`,
    read,
    version: async (signal) => {
      const makefile = await read("Makefile", signal);
      return makefile === undefined ? undefined : makefileVersion(makefile);
    },
  };
}

async function remoteKey(target: Target, archive: string): Promise<string> {
  const stat = await target.stat(archive);
  return createHash("sha256").update(`${target.name}\0${archive}\0${stat?.size ?? 0}\0${stat?.mtime ?? 0}`).digest("hex").slice(0, 24);
}

/** Beside its place first, so that a half-written file is never taken for a whole one. */
async function keep(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, bytes);
  await rename(partial, path);
}
