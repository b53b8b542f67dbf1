/**
 * A kernel tree inside a tarball on this machine, such as Debian's linux-source-6.1.tar.xz.
 *
 * A compressed tarball has no index: to read one member, all before it must be decompressed, about ten
 * seconds for a kernel. So the archive is unpacked into the cache, one top-level folder (`net`, `include`, …)
 * at a time when it is first needed. The folder in the cache is named by the archive's path, size and time,
 * and a part counts only once it is whole: it is unpacked beside its place and then renamed.
 */
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DomainError } from "../base/errors";
import { makefileVersion, type SourceTree } from "./sourceTree";

export function archiveTree(archive: string, cacheFolder: string): SourceTree {
  const parts = new Map<string, Promise<string | undefined>>();
  let folder: Promise<string> | undefined;

  /** The folder that has `part` (the first component of a path) in it; undefined when the archive has no such member. */
  const unpacked = async (part: string, signal?: AbortSignal): Promise<string | undefined> => {
    folder ??= archiveKey(archive).then((key) => join(cacheFolder, "sources", key));
    const running = parts.get(part) ?? unpackPart({ archive, folder: await folder, part, ...(signal ? { signal } : {}) });
    parts.set(part, running);
    // A cancelled or failed unpacking must not be the answer for ever.
    running.catch(() => parts.delete(part));
    return running;
  };

  const read = async (file: string, signal?: AbortSignal): Promise<string | undefined> => {
    const root = await unpacked(file.split("/")[0] ?? file, signal);
    if (root === undefined) return undefined;
    const member = join(root, file);
    return existsSync(member) ? readFile(member, "utf8") : undefined;
  };

  return {
    origin: archive,
    read,
    version: async (signal) => {
      const makefile = await read("Makefile", signal);
      return makefile === undefined ? undefined : makefileVersion(makefile);
    },
  };
}

interface Unpacking {
  readonly archive: string;
  /** The archive's own folder in the cache. */
  readonly folder: string;
  readonly part: string;
  readonly signal?: AbortSignal;
}

async function archiveKey(archive: string): Promise<string> {
  const { size, mtimeMs } = await stat(archive);
  return createHash("sha256").update(`${archive}\0${size}\0${mtimeMs}`).digest("hex").slice(0, 24);
}

async function unpackPart(unpacking: Unpacking): Promise<string | undefined> {
  const { folder, part } = unpacking;
  const root = join(folder, "tree");
  if (existsSync(join(root, part))) return root;
  const absent = join(folder, `absent-${encodeURIComponent(part)}`);
  if (existsSync(absent)) return undefined;
  await mkdir(root, { recursive: true });
  const scratch = await mkdtemp(join(folder, "unpack-"));
  try {
    if (!(await unpackInto(scratch, unpacking))) {
      await writeFile(absent, "");
      return undefined;
    }
    await rename(join(scratch, part), join(root, part)).catch((error: unknown) => {
      // Another window was faster; its copy is as good as ours.
      if (!existsSync(join(root, part))) throw error;
    });
    return root;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** false: the archive is sound and has no such member. */
async function unpackInto(scratch: string, { archive, folder, part, signal }: Unpacking): Promise<boolean> {
  const top = await topFolder(archive, folder);
  const problem = await new Promise<string | undefined>((resolve, reject) => {
    execFile("tar", ["-xf", archive, "-C", scratch, "--strip-components=1", `${top}/${part}`], { signal }, (error, _stdout, stderr) => {
      if (error instanceof Error && error.name === "AbortError") reject(error);
      else resolve(error ? stderr.trim() || error.message : undefined);
    });
  });
  if (problem === undefined) return true;
  if (/not found in archive/i.test(problem) && (await readdir(scratch)).length === 0) return false;
  throw new DomainError("source/bad-archive", problem, archive);
}

/** The name of the folder that everything in the archive lies in, `linux-source-6.1`: it leads the first member's path. */
async function topFolder(archive: string, folder: string): Promise<string> {
  const known = join(folder, "top");
  if (existsSync(known)) return readFile(known, "utf8");
  const top = /^(?:\.\/)?([^/\n]+)\//.exec(await firstMember(archive))?.[1];
  if (top === undefined) throw new DomainError("source/bad-archive", "this is not a tarball of a kernel tree", archive);
  await writeFile(known, top);
  return top;
}

function firstMember(archive: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const tar = spawn("tar", ["-tf", archive], { stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    tar.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      // One line is enough; listing the rest would decompress everything.
      if (text.includes("\n")) tar.kill();
    });
    tar.once("error", (error) => reject(new DomainError("source/no-tar", error.message, archive)));
    tar.once("close", () => resolve(text));
  });
}
