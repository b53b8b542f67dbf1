import { posix } from "node:path";
import type { SupplementaryLink } from "../elf/supplementaryLink";
import type { Target } from "../target/target";
import { buildIdFile, cachedPlaces } from "./debuginfoPlaces";
import type { DebuginfoSearch, FoundDebuginfo } from "./findDebuginfo";
import { Hunt } from "./hunt";

/**
 * The file with what several debug files share (dwz): on the target beside the debug file that names it, in folders of build ids, and from servers,
 * which know it by its build id. Places of this machine beside a file of this machine are the reader's own.
 *
 * @param of name of the debug file, `host:/path` for one of the target
 */
export async function findSupplementary(search: DebuginfoSearch, { path, buildId }: SupplementaryLink, of: string): Promise<FoundDebuginfo> {
  const hunt = new Hunt(search, `supplementary file ${posix.basename(path)}`, buildId, "trace");
  const byId = buildId === undefined ? [] : [`/usr/lib/debug/${buildIdFile(buildId)}`];
  return (
    (await hunt.here("this machine", buildId === undefined ? [] : [...byId, ...cachedPlaces(buildId)])) ??
    (await hunt.there(async () => [...(await beside(search.target, path, of)), ...byId])) ??
    (await hunt.onServers("module")) ??
    hunt.failure()
  );
}

async function beside(target: Target, path: string, of: string): Promise<string[]> {
  if (posix.isAbsolute(path)) return [path];
  const own = `${target.name}:`;
  if (!of.startsWith(own)) return [];
  const file = of.slice(own.length);
  // A path is relative to where the file is, which a folder of build ids only links to.
  const { code, stdout } = await target.run({ argv: ["readlink", "-f", "--", file] });
  const real = code === 0 ? Buffer.from(stdout).toString("utf8").replace(/\n$/, "") : file;
  return [...new Set([real, file])].map((place) => posix.resolve(posix.dirname(place), path));
}
