import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DomainError } from "../../src/base/errors";
import { labPaths } from "./labPaths";

/**
 * Runs `work` while holding a lock of this user's lab. The kernel holds it (flock(2)), by a child that lives as long as
 * our end of its stdin is open: however we end, the lock is free again, and a leftover file means nothing.
 */
export async function withLock<T>(name: string, work: () => Promise<T>, log: (line: string) => void): Promise<T> {
  mkdirSync(labPaths.locks, { recursive: true });
  const file = join(labPaths.locks, name);
  const holder = spawn("flock", ["--exclusive", file, "sh", "-c", "echo held; exec cat > /dev/null"], { stdio: ["pipe", "pipe", "inherit"] });
  const notice = setTimeout(() => log(`waiting for another run of the lab that holds ${file}`), 2000);
  try {
    const ended = once(holder, "exit").then(([code]) => {
      throw new DomainError("lab/lock-failed", `flock ended with ${String(code)}`, file);
    });
    await Promise.race([once(holder.stdout, "data"), ended]);
    ended.catch(() => undefined);
  } finally {
    clearTimeout(notice);
  }
  try {
    return await work();
  } finally {
    holder.stdin.end();
    if (holder.exitCode === null) await once(holder, "exit");
  }
}
