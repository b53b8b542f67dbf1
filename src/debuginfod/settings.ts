import { homedir } from "node:os";
import { existsSync } from "node:fs";
import { join } from "node:path";

export interface DebuginfodSettings {
  /** Base addresses without a slash at the end. */
  readonly servers: readonly string[];
  readonly cacheFolder: string;
  /** Milliseconds without a byte after which a server counts as silent. */
  readonly timeoutMs: number;
  /** Nothing larger is fetched whole; bytes. */
  readonly maxBytes: number | undefined;
}

/**
 * The environment variables of elfutils' client (debuginfod_find_debuginfo(3)). A setting, when there is one, takes the place of `DEBUGINFOD_URLS`.
 *
 * @param urls addresses as a user wrote them; undefined: those of the environment
 */
export function debuginfodSettings(urls: readonly string[] | undefined, env: NodeJS.ProcessEnv = process.env): DebuginfodSettings {
  const given = urls ?? (env.DEBUGINFOD_URLS ?? "").split(/\s+/);
  const [seconds, maxBytes] = [positive(env.DEBUGINFOD_TIMEOUT) ?? defaultSeconds, positive(env.DEBUGINFOD_MAXSIZE)];
  return { servers: [...new Set(given.flatMap(serverAddress))], cacheFolder: clientCacheFolder(env), timeoutMs: seconds * 1000, maxBytes };
}

/** elfutils' default for DEBUGINFOD_TIMEOUT. */
const defaultSeconds = 90;

/** The folder is `$DEBUGINFOD_CACHE_PATH`, else an old `~/.debuginfod_client_cache` where one exists, else `debuginfod_client` in the user's cache. */
export function clientCacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.DEBUGINFOD_CACHE_PATH) return env.DEBUGINFOD_CACHE_PATH;
  const home = env.HOME ?? homedir();
  const old = join(home, ".debuginfod_client_cache");
  return existsSync(old) ? old : join(env.XDG_CACHE_HOME || join(home, ".cache"), "debuginfod_client");
}

/** None for what is no http or https address. */
function serverAddress(text: string): string[] {
  const trimmed = text.trim().replace(/\/+$/, "");
  return /^https?:\/\/\S+$/i.test(trimmed) && URL.canParse(trimmed) ? [trimmed] : [];
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text ?? "");
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
