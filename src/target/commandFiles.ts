import { DomainError } from "../base/errors";
import type { Command, CommandResult } from "./command";
import type { FileStat, TargetFile } from "./target";

type Run = (command: Command) => Promise<CommandResult>;

/** dd reads whole blocks; what the caller did not ask for is cut off here, because only GNU dd counts in bytes. */
const block = 4096;
const slowestBytesPerMs = 100;

/** Reading files by commands: where there is no sftp, and what only root may read. */
export class CommandFiles {
  constructor(
    private readonly host: string,
    private readonly run: Run,
    private readonly privilege: "root" | "user",
  ) {}

  /** `target/permission-denied`, or undefined when there is nothing. */
  async stat(path: string): Promise<FileStat | undefined> {
    const result = await this.run({ argv: ["stat", "-L", "-c", "%s %Y %F", path], privilege: this.privilege });
    if (result.code === 0) return parseStat(Buffer.from(result.stdout).toString());
    if (/No such file|Not a directory/.test(result.stderr)) return undefined;
    throw this.failure(path, result.stderr);
  }

  /** `target/no-such-file`, `target/permission-denied` */
  async open(path: string): Promise<TargetFile> {
    const stat = await this.stat(path);
    if (!stat) throw new DomainError("target/no-such-file", "no such file", `${this.host}:${path}`);
    if (stat.isDirectory) throw new DomainError("target/not-a-file", "is a directory", `${this.host}:${path}`);
    await this.readBlocks(path, 0, 1);
    return {
      path,
      size: stat.size,
      read: (offset, length) => this.read(path, offset, Math.min(length, Math.max(0, stat.size - offset))),
      close: () => Promise.resolve(),
    };
  }

  private async read(path: string, offset: number, length: number): Promise<Uint8Array> {
    if (length <= 0) return new Uint8Array();
    const first = Math.floor(offset / block);
    const count = Math.ceil((offset + length) / block) - first;
    const bytes = await this.readBlocks(path, first, count);
    const start = offset - first * block;
    return bytes.subarray(start, start + length);
  }

  private async readBlocks(path: string, first: number, count: number): Promise<Uint8Array> {
    const argv: Command["argv"] = ["dd", `if=${path}`, `bs=${block}`, `skip=${first}`, `count=${count}`];
    const result = await this.run({ argv, privilege: this.privilege, timeoutMs: 30_000 + (count * block) / slowestBytesPerMs });
    if (result.code !== 0) throw this.failure(path, result.stderr);
    return result.stdout;
  }

  private failure(path: string, words: string): DomainError {
    const where = `${this.host}:${path}`;
    if (words.includes("Permission denied")) return new DomainError("target/permission-denied", "permission denied", where);
    if (words.includes("No such file")) return new DomainError("target/no-such-file", "no such file", where);
    return new DomainError("target/read-failed", words.trim() || "could not be read", where);
  }
}

function parseStat(line: string): FileStat {
  const match = /^(\d+) (\d+) (.*)/.exec(line);
  if (!match) throw new DomainError("target/read-failed", `not an answer of stat: ${line.trim()}`);
  return { size: Number(match[1]), mtime: Number(match[2]), isDirectory: match[3] === "directory" };
}
