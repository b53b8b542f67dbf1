import { existsSync } from "node:fs";
import { join } from "node:path";
import type { BuildId } from "../base/brands";
import type { DebuginfodClient } from "../debuginfod/debuginfodClient";
import { buildIdOfNotes } from "../elf/notes";
import type { HostFacts } from "../probes/hostFacts";
import type { Target } from "../target/target";
import type { BlockStore } from "./blockStore";
import type { DebugFile } from "./debugFile";
import type { DebuginfoRemedy } from "./debuginfoRemedy";
import { buildIdFile, cachedPlaces, moduleFolders, moduleFoldersBeside, releasesIn, vmlinuxPlaces, vmlinuxPlacesIn } from "./debuginfoPlaces";
import { Hunt } from "./hunt";
import { findOnTarget, isFile, isFolder, moduleFilesIn } from "./moduleFiles";
import type { ReadCost } from "./readCost";

/**
 * Finds the debuginfo of the kernel or of a module that runs on a target: the setting first, then this
 * machine's usual places, then the same places on the target, where it is read in place and never
 * copied, then the configured debuginfod servers. A file counts only when its build id is that of what runs.
 */
export interface DebuginfoSearch {
  readonly target: Target;
  readonly facts: HostFacts;
  readonly options: {
    /** vmlinux, or a folder that it is in. */
    readonly vmlinux?: string;
    /** A folder with modules at any depth. */
    readonly modules?: string;
  };
  readonly debuginfod?: DebuginfodClient;
  /** Keeps what is read from the target and from servers. */
  readonly blocks?: BlockStore;
}

/** One place that was looked at, and what it cost. */
export interface SearchAttempt {
  /** `the setting`, `this machine`, a path, `host:path`, or a server. */
  readonly place: string;
  /** `exact`, or why it did not do. */
  readonly outcome: string;
  readonly cost: ReadCost;
}

export type FoundDebuginfo =
  | {
      readonly state: "found";
      /** Path here, `host:path`, or a server's address. */
      readonly origin: string;
      readonly debugFile: DebugFile;
      readonly attempts: readonly SearchAttempt[];
      /** What reading it has cost so far; absent for files of this machine. */
      readonly cost?: ReadCost;
    }
  | {
      readonly state: "not-found" | "mismatch";
      readonly message: string;
      readonly expected?: BuildId;
      /** Build id of the file that is of another build. */
      readonly found?: BuildId;
      readonly remedy?: DebuginfoRemedy;
      readonly attempts: readonly SearchAttempt[];
    };

export async function findVmlinux(search: DebuginfoSearch): Promise<FoundDebuginfo> {
  const { facts, options: { vmlinux } } = search;
  const { release, buildId } = facts;
  const hunt = new Hunt(search, `the kernel ${release}`, buildId);
  const given = vmlinux === undefined ? [] : settingPlaces(vmlinux, release, buildId);
  if (vmlinux !== undefined && given.every((path) => !existsSync(path))) hunt.note(`${vmlinux}, which the settings name, has no vmlinux`);
  const usual = [...vmlinuxPlaces("/", release, buildId), ...(buildId === undefined ? [] : cachedPlaces(buildId))];
  return (
    (await hunt.here("the setting", given)) ??
    (await hunt.here("this machine", usual)) ??
    (await hunt.there(() => Promise.resolve(vmlinuxPlaces("/", release, buildId)))) ??
    (await hunt.onServers("kernel")) ??
    hunt.failure()
  );
}

export async function findModule(search: DebuginfoSearch & { readonly name: string }): Promise<FoundDebuginfo> {
  const { target, facts, options, name } = search;
  const buildId = await moduleBuildId(target, facts, name);
  const hunt = new Hunt(search, `module ${name}`, buildId);
  if (buildId === undefined) {
    hunt.note(`its build id cannot be read from /sys/module/${name}/notes: it is not loaded, or is built into the kernel`);
    return hunt.failure();
  }
  const named = [...(options.modules === undefined ? [] : [options.modules]), ...(options.vmlinux === undefined ? [] : moduleFoldersBeside(options.vmlinux, facts.release))];
  const byId = `/usr/lib/debug/${buildIdFile(buildId)}`;
  return (
    (await hunt.here("the setting", await moduleFilesIn(named, name))) ??
    (await hunt.here("this machine", [byId, ...cachedPlaces(buildId), ...(await moduleFilesIn(moduleFolders("/", facts.release), name))])) ??
    (await hunt.there(async () => [byId, ...(await findOnTarget(target, facts.release, name))])) ??
    (await hunt.onServers("module")) ??
    hunt.failure()
  );
}

/** A file of a build that a trace names, whatever runs: of any release here, in the target's folder of build ids, and from servers. */
export async function findByBuildId(search: DebuginfoSearch, buildId: BuildId, module: string | undefined): Promise<FoundDebuginfo> {
  const what = module === undefined ? "the kernel of the trace" : `module ${module} of the trace`;
  const hunt = new Hunt(search, what, buildId, "trace");
  const settings = [search.options.vmlinux, search.options.modules].filter((path) => path !== undefined);
  const byId = `/usr/lib/debug/${buildIdFile(buildId)}`;
  return (
    (await hunt.here("the setting", await filesOfBuild(settings, buildId, module))) ??
    (await hunt.here("this machine", [byId, ...cachedPlaces(buildId), ...(await filesOfBuild(["/"], buildId, module))])) ??
    (await hunt.there(() => Promise.resolve([byId]))) ??
    (await hunt.onServers(module === undefined ? "kernel" : "module")) ??
    hunt.failure()
  );
}

/** Files that may be of a build, in roots or as a setting names them; those in the folder of build ids first. */
async function filesOfBuild(roots: readonly string[], buildId: BuildId, module: string | undefined): Promise<string[]> {
  const folders = roots.filter(isFolder);
  const named = roots.filter((root) => !folders.includes(root));
  const byId = folders.flatMap((folder) => [join(folder, buildIdFile(buildId)), join(folder, "usr/lib/debug", buildIdFile(buildId))]);
  const some = byId.filter(isFile);
  if (some.length > 0) return some;
  if (module === undefined) return [...named, ...folders.flatMap((folder) => ["", ...releasesIn(folder)].flatMap((release) => vmlinuxPlacesIn(folder, release, undefined)))];
  const below = folders.flatMap((folder) => (folder === "/" ? releasesIn(folder).flatMap((release) => moduleFolders(folder, release)) : [folder]));
  return [...named, ...(await moduleFilesIn(below, module))];
}

function settingPlaces(setting: string, release: string, buildId: BuildId | undefined): string[] {
  return isFolder(setting) ? vmlinuxPlacesIn(setting, release, buildId) : [setting];
}

async function moduleBuildId(target: Target, facts: HostFacts, name: string): Promise<BuildId | undefined> {
  if (!/^[\w-]+$/.test(name)) return undefined;
  const { code, stdout } = await target.run({ argv: ["cat", `/sys/module/${name.replaceAll("-", "_")}/notes/.note.gnu.build-id`] });
  return code === 0 ? buildIdOfNotes(stdout, facts.endianness) : undefined;
}
