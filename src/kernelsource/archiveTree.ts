/**
 * A kernel tree inside a tarball on this machine, such as Debian's linux-source-6.1.tar.xz.
 *
 * A compressed tarball has no index: to read one member, all before it must be decompressed, about ten
 * seconds for a kernel. So the archive is unpacked into the cache, one top-level folder (`net`, `include`, …)
 * at a time when it is first needed; all that runs in every kernel at once for a debugger, which reads files itself. The folder in the cache is named by the archive's path, size and time,
 * and a part counts only once it is whole: it is unpacked beside its place and then renamed.
 */
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DomainError } from "../base/errors";
import { makefileVersion, type SourceTree } from "./sourceTree";

/** What runs in every kernel. Drivers are most of the tree, and seldom what is looked for. */
const codeParts = ["arch", "block", "crypto", "fs", "include", "init", "io_uring", "ipc", "kernel", "lib", "mm", "net", "security", "virt"];

export function archiveTree(archive: string, cacheFolder: string): SourceTree {
  const parts = new Map<string, Promise<string | undefined>>();
  let folder: Promise<string> | undefined;

  /** The folder that has `part` (the first component of a path) in it; undefined when the archive has no such member. */
  const unpacked = async (part: string, signal?: AbortSignal): Promise<string | undefined> => {
    folder ??= archiveKey(archive).then((key) => join(cacheFolder, "sources", key));
    const running = parts.get(part) ?? unpackPart({ archive, folder: await folder, parts: [part], ...(signal ? { signal } : {}) }, part);
    parts.set(part, running);
    // A cancelled or failed unpacking must not be the answer for ever.
    running.catch(() => parts.delete(part));
    return running;
  };

  const wholeFolder = async (signal?: AbortSignal): Promise<string> => {
    folder ??= archiveKey(archive).then((key) => join(cacheFolder, "sources", key));
    const root = await unpackParts({ archive, folder: await folder, parts: codeParts, ...(signal ? { signal } : {}) });
    if (!existsSync(join(root, "net"))) throw new DomainError("source/bad-archive", "this is not a tarball of a kernel tree", archive);
    return root;
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
    folder: wholeFolder,
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
  readonly parts: readonly string[];
  readonly signal?: AbortSignal;
}

async function archiveKey(archive: string): Promise<string> {
  const { size, mtimeMs } = await stat(archive);
  return createHash("sha256").update(`${archive}\0${size}\0${mtimeMs}`).digest("hex").slice(0, 24);
}

/** undefined when the archive has no such member. */
async function unpackPart(unpacking: Unpacking, part: string): Promise<string | undefined> {
  const root = await unpackParts(unpacking);
  return existsSync(join(root, part)) ? root : undefined;
}

/** In one pass over the archive, since each pass decompresses all of it. Returns the folder with those parts that the archive has. */
async function unpackParts(unpacking: Unpacking): Promise<string> {
  const { folder, parts } = unpacking;
  const root = join(folder, "tree");
  const absent = (part: string): string => join(folder, `absent-${encodeURIComponent(part)}`);
  const wanted = parts.filter((part) => !existsSync(join(root, part)) && !existsSync(absent(part)));
  if (wanted.length === 0) return root;
  await mkdir(root, { recursive: true });
  const scratch = await mkdtemp(join(folder, "unpack-"));
  try {
    await unpackInto(scratch, { ...unpacking, parts: wanted });
    for (const part of wanted) {
      if (existsSync(join(scratch, part))) await moveInto(join(root, part), join(scratch, part));
      else await writeFile(absent(part), "");
    }
    return root;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function moveInto(place: string, unpacked: string): Promise<void> {
  await rename(unpacked, place).catch((error: unknown) => {
    // Another window was faster; its copy is as good as ours.
    if (!existsSync(place)) throw error;
  });
}

/** Members that the archive does not have are no failure. */
async function unpackInto(scratch: string, { archive, folder, parts, signal }: Unpacking): Promise<void> {
  const top = await topFolder(archive, folder);
  const members = parts.map((part) => `${top}/${part}`);
  const problem = await new Promise<string | undefined>((resolve, reject) => {
    execFile("tar", ["-xf", archive, "-C", scratch, "--strip-components=1", ...members], { signal, env: { ...process.env, LC_ALL: "C" } }, (error, _stdout, stderr) => {
      if (error instanceof Error && error.name === "AbortError") reject(error);
      else resolve(error ? stderr.trim() || error.message : undefined);
    });
  });
  if (problem === undefined) return;
  const damage = problem.split("\n").filter((line) => !/: Not found in archive$|: Exiting with failure status due to previous errors$/i.test(line));
  if (damage.length > 0) throw new DomainError("source/bad-archive", problem, archive);
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
