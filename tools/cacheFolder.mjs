import { homedir } from "node:os";
import { join } from "node:path";

/** Where big downloads live, outside of the checkout; the same rule as src/base/cacheFolder.ts, usable before anything is installed. */
export function cacheFolder(env = process.env) {
  return env.KNETSCOPE_CACHE ?? join(env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "knetscope");
}
