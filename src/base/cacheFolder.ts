import { homedir, platform } from "node:os";
import { join } from "node:path";

/** The folder in the user's cache where extracted sources, indexes and the lab live. `KNETSCOPE_CACHE` overrides it. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.KNETSCOPE_CACHE) return env.KNETSCOPE_CACHE;
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, "knetscope");
  if (platform() === "darwin") return join(homedir(), "Library", "Caches", "knetscope");
  if (platform() === "win32") return join(env.LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "knetscope", "cache");
  return join(homedir(), ".cache", "knetscope");
}
