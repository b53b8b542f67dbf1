/**
 * A kernel tree inside a tarball, such as Debian's linux-source-6.1.tar.xz.
 *
 * A compressed tarball has no index: to read one member, all before it must be decompressed, about ten
 * seconds for a kernel. So the archive is unpacked into the cache, one top-level folder (`net`, `include`, …)
 * at a time when it is first needed. The folder in the cache is named by the archive's path, size and time,
 * and a part counts only once it is whole: it is unpacked beside its place and then renamed.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DomainError } from "../base/errors";
import type { Target } from "../target/target";
import { makefileVersion, type SourceTree } from "./sourceTree";

export function archiveTree(here: Target, path: string, cacheFolder: string): SourceTree {
  const parts = new Map<string, Promise<string | undefined>>();
  const folder = lazy(async () => join(cacheFolder, "sources", await archiveKey(here, path)));

  /** `part` is the first path component: a folder or a top-level file. */
  const unpacked = async (part: string, signal?: AbortSignal): Promise<string | undefined> => {
    const running = parts.get(part) ?? unpackPart(here, path, await folder(), part, signal);
    parts.set(part, running);
    // A cancelled or failed unpacking must not be the answer for ever.
    running.catch(() => parts.delete(part));
    return running;
  };

  const read = async (file: string, signal?: AbortSignal): Promise<string | undefined> => {
    const part = file.split("/")[0] ?? file;
    const root = await unpacked(part, signal);
    if (root === undefined) return undefined;
    const member = join(root, file);
    return existsSync(member) ? readFile(member, "utf8") : undefined;
  };

  return {
    origin: path,
    read,
    version: async (signal) => {
      const makefile = await read("Makefile", signal);
      return makefile === undefined ? undefined : makefileVersion(makefile);
    },
  };
}

async function archiveKey(here: Target, path: string): Promise<string> {
  const stat = await here.stat(path);
  if (!stat) throw new DomainError("source/no-such-archive", "no such file", path);
  return createHash("sha256").update(`${path}\0${stat.size}\0${stat.mtime}`).digest("hex").slice(0, 24);
}

/** Returns the folder that now has `part` in it, undefined when the archive has no such member. */
async function unpackPart(here: Target, archive: string, folder: string, part: string, signal?: AbortSignal): Promise<string | undefined> {
  const root = join(folder, "tree");
  if (existsSync(join(root, part))) return root;
  if (existsSync(absentMark(folder, part))) return undefined;
  await mkdir(root, { recursive: true });
  const scratch = await mkdtemp(join(folder, "unpack-"));
  try {
    const top = await topFolder(here, archive, folder, signal);
    const argv = ["tar", "-xf", archive, "-C", scratch, "--strip-components=1", `${top}/${part}`] as const;
    const result = await here.run({ argv, timeoutMs: 600_000 }, signal);
    if ((await readdir(scratch)).length === 0) {
      if (!/not found in archive/i.test(result.stderr)) throw new DomainError("source/bad-archive", result.stderr.trim() || "tar failed", archive);
      await writeFile(absentMark(folder, part), "");
      return undefined;
    }
    if (result.code !== 0) throw new DomainError("source/bad-archive", result.stderr.trim() || "tar failed", archive);
    await rename(join(scratch, part), join(root, part)).catch((error: unknown) => {
      // Another window was faster; its copy is as good as ours.
      if (!existsSync(join(root, part))) throw error;
    });
    return root;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const absentMark = (folder: string, part: string): string => join(folder, `absent-${encodeURIComponent(part)}`);

/** The name of the folder that everything in the archive lies in, `linux-source-6.1`. It is in the first member's path. */
async function topFolder(here: Target, archive: string, folder: string, signal?: AbortSignal): Promise<string> {
  const known = join(folder, "top");
  if (existsSync(known)) return readFile(known, "utf8");
  const listing = await here.start({ argv: ["tar", "-tf", archive] }, signal);
  let text = "";
  for await (const chunk of listing.stdout) {
    text += new TextDecoder().decode(chunk);
    if (text.includes("\n")) break;
  }
  await listing.stop().catch(() => undefined);
  const top = /^(?:\.\/)?([^/\n]+)\//.exec(text)?.[1];
  if (top === undefined) throw new DomainError("source/bad-archive", "this is not a tarball of a kernel tree", archive);
  await writeFile(known, top);
  return top;
}

function lazy<T>(make: () => Promise<T>): () => Promise<T> {
  let value: Promise<T> | undefined;
  return () => (value ??= make());
}
