import type { FileHandle } from "node:fs/promises";
import { open, stat } from "node:fs/promises";
import { DomainError } from "../base/errors";
import type { FileStat, TargetFile } from "./target";

/** A file of this machine. `target/no-such-file`, `target/permission-denied`, `target/not-a-file`. */
export async function openLocalFile(path: string): Promise<TargetFile> {
  const handle = await open(path, "r").catch((error: unknown) => fail(path, error));
  const stats = await handle.stat();
  if (stats.isDirectory()) {
    await handle.close();
    throw new DomainError("target/not-a-file", "is a directory", path);
  }
  return {
    path,
    size: stats.size,
    read: (offset, length) => readFully(handle, offset, length).catch((error: unknown) => fail(path, error)),
    close: () => handle.close(),
  };
}

/** undefined when there is nothing; `target/permission-denied`. */
export async function statLocalFile(path: string): Promise<FileStat | undefined> {
  try {
    const stats = await stat(path);
    return { size: stats.size, isDirectory: stats.isDirectory(), mtime: Math.floor(stats.mtimeMs / 1000) };
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(nodeCode(error) ?? "")) return undefined;
    return fail(path, error);
  }
}

async function readFully(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

const nodeCode = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

function fail(path: string, error: unknown): never {
  const code = nodeCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") throw new DomainError("target/no-such-file", "no such file", path, { cause: error });
  if (code === "EACCES" || code === "EPERM") throw new DomainError("target/permission-denied", "permission denied", path, { cause: error });
  throw new DomainError("target/read-failed", error instanceof Error ? error.message : String(error), path, { cause: error });
}
