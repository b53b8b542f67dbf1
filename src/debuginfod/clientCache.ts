import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, statSync, utimesSync } from "node:fs";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BuildId } from "../base/brands";
import { cacheName, type Artifact } from "./artifact";

export type Cached = { readonly state: "found"; readonly path: string; readonly size: number } | { readonly state: "missed" | "unknown" };

/**
 * The cache folder of elfutils' client, shared with it and with other windows: a file appears under its name only
 * when it is complete (written beside it, then renamed). An empty file says that no server had it; that is
 * believed for `cache_miss_s` seconds.
 */
export class ClientCache {
  constructor(readonly folder: string) {}

  path(id: BuildId, artifact: Artifact): string {
    return join(this.folder, id, cacheName(artifact));
  }

  look(id: BuildId, artifact: Artifact): Cached {
    const path = this.path(id, artifact);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats?.isFile()) return { state: "unknown" };
    if (stats.size > 0) return { state: "found", path, size: stats.size };
    return { state: Date.now() - stats.mtimeMs <= this.missSeconds() * 1000 ? "missed" : "unknown" };
  }

  /** Remembers that nobody has it. A cache that cannot be written to is none, and no failure. */
  miss(id: BuildId, artifact: Artifact): void {
    const path = this.path(id, artifact);
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      // Opened for appending: what another process has put there meanwhile stays as it is.
      closeSync(openSync(path, "a"));
      if (statSync(path).size === 0) utimesSync(path, new Date(), new Date());
    } catch {
      // Then the servers are asked again next time.
    }
  }

  /** A file beside the final place; `commit` puts it there, `discard` removes it. */
  async create(id: BuildId, artifact: Artifact): Promise<PendingFile> {
    const path = this.path(id, artifact);
    mkdirSync(this.folder, { recursive: true });
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const temporary = temporaryName(path);
    return new PendingFile(path, temporary, await open(temporary, "wx", 0o400));
  }

  private missSeconds(): number {
    try {
      const value = Number.parseInt(readFileSync(join(this.folder, "cache_miss_s"), "latin1"), 10);
      return Number.isFinite(value) ? value : defaultMissSeconds;
    } catch {
      return defaultMissSeconds;
    }
  }
}

/** elfutils' default (debuginfod-client.c, cache_miss_default_s). */
const defaultMissSeconds = 600;

const temporaryName = (path: string): string => `${path}.${process.pid.toString(36)}${randomBytes(4).toString("hex")}`;

export class PendingFile {
  constructor(
    private readonly path: string,
    private readonly temporary: string,
    private readonly handle: FileHandle,
  ) {}

  async write(bytes: Uint8Array): Promise<void> {
    await this.handle.writeFile(bytes);
  }

  async commit(): Promise<string> {
    await this.handle.close();
    await rename(this.temporary, this.path);
    return this.path;
  }

  async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    await rm(this.temporary, { force: true });
  }
}
