import { existsSync, statSync, type Stats } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { BuildId } from "../base/brands";
import { describeError } from "../base/errors";
import { buildIdOfNotes } from "../elf/notes";
import type { HostFacts } from "../probes/hostFacts";
import type { Target } from "../target/target";
import type { DebugFile } from "./debugFile";
import { buildIdFile, cachedPlaces, isModuleFile, moduleFilePattern, moduleFolders, moduleFoldersBeside, vmlinuxPlaces, vmlinuxPlacesIn } from "./debuginfoPlaces";
import { debuginfoRemedy, type DebuginfoRemedy } from "./debuginfoRemedy";
import { inspectFile, type Inspection } from "./inspectFile";
import { openLocalFile, openRangeSource } from "./openFile";
import { targetFileSource } from "./rangeSource";

/**
 * Finds the debuginfo of the kernel or of a module that runs on a target: the setting first, then this
 * machine's usual places, then the same places on the target, where it is read in place and never
 * copied. A file counts only when its build id is that of what runs.
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
}

export type FoundDebuginfo =
  | {
      readonly state: "found";
      /** Path here, or `host:path`. */
      readonly origin: string;
      readonly debugFile: DebugFile;
    }
  | {
      readonly state: "not-found" | "mismatch";
      readonly message: string;
      readonly expected?: BuildId;
      /** Build id of the file that is of another build. */
      readonly found?: BuildId;
      readonly remedy?: DebuginfoRemedy;
    };

export async function findVmlinux({ target, facts, options: { vmlinux } }: DebuginfoSearch): Promise<FoundDebuginfo> {
  const { release, buildId } = facts;
  const what = `the kernel ${release}`;
  const hunt = new Hunt(target, facts, what, buildId);
  const given = vmlinux === undefined ? [] : settingPlaces(vmlinux, release, buildId);
  if (vmlinux !== undefined && given.every((path) => !existsSync(path))) hunt.note(`${vmlinux}, which the settings name, has no vmlinux`);
  const usual = [...vmlinuxPlaces("/", release, buildId), ...(buildId === undefined ? [] : cachedPlaces(buildId))];
  return (await hunt.here([...given, ...usual])) ?? (await hunt.there(() => Promise.resolve(vmlinuxPlaces("/", release, buildId)))) ?? hunt.failure();
}

export async function findModule({ target, facts, options, name }: DebuginfoSearch & { readonly name: string }): Promise<FoundDebuginfo> {
  const buildId = await moduleBuildId(target, facts, name);
  const hunt = new Hunt(target, facts, `module ${name}`, buildId);
  if (buildId === undefined) {
    hunt.note(`its build id cannot be read from /sys/module/${name}/notes: it is not loaded, or is built into the kernel`);
    return hunt.failure();
  }
  const named = [...(options.modules === undefined ? [] : [options.modules]), ...(options.vmlinux === undefined ? [] : moduleFoldersBeside(options.vmlinux, facts.release))];
  const byId = `/usr/lib/debug/${buildIdFile(buildId)}`;
  const fromSettings = await filesIn(named, name);
  const usual = [byId, ...cachedPlaces(buildId), ...(await filesIn(moduleFolders("/", facts.release), name))];
  return (await hunt.here([...fromSettings, ...usual])) ?? (await hunt.there(async () => [byId, ...(await findOnTarget(target, facts.release, name))])) ?? hunt.failure();
}

/** The file of a module in a folder here, at any depth: NAME.ko or NAME.ko.debug. */
export async function findModuleFile(folder: string, name: string): Promise<string | undefined> {
  return (await filesIn([folder], name))[0];
}

/** One search: remembers why what it saw did not do. */
class Hunt {
  private readonly notes: string[] = [];
  private other: { readonly origin: string; readonly found: BuildId | undefined } | undefined;

  constructor(
    private readonly target: Target,
    private readonly facts: HostFacts,
    private readonly what: string,
    private readonly expected: BuildId | undefined,
  ) {}

  note(text: string): void {
    this.notes.push(text);
  }

  async here(paths: readonly string[]): Promise<FoundDebuginfo | undefined> {
    for (const path of new Set(paths)) {
      if (isFile(path) && this.suits(path, await inspectHere(path))) return this.found(path, path);
    }
    return undefined;
  }

  /** In order of the places; all are looked for at once. */
  async there(places: () => Promise<readonly string[]>): Promise<FoundDebuginfo | undefined> {
    if (this.target.kind === "local" || this.expected === undefined) return undefined;
    const paths = await places();
    const stats = await Promise.all(paths.map((path) => this.statThere(path)));
    for (const path of paths.filter((_, index) => stats[index])) {
      const found = await this.openThere(path);
      if (found) return found;
    }
    return undefined;
  }

  failure(): FoundDebuginfo {
    const { expected, facts, target } = this;
    const remedy = debuginfoRemedy(facts);
    const common = { ...(expected !== undefined && { expected }), ...(remedy && { remedy }) };
    if (this.other) {
      const { origin, found } = this.other;
      const has = found === undefined ? "has no build id" : `has build id ${found}`;
      const message =
        expected === undefined
          ? `${origin} ${has}, but the build id of ${this.what} on ${target.name} cannot be read, so nothing tells whether they are of one build.`
          : `${origin} is of another build: it ${has}, but ${this.what} on ${target.name} has ${expected}.`;
      return { state: "mismatch", message, ...common, ...(found !== undefined && { found }) };
    }
    const id = expected === undefined ? "" : ` (build id ${expected})`;
    const places = target.kind === "local" ? "on this machine" : `on this machine or on ${target.name}`;
    const notes = [...(expected === undefined && this.notes.length === 0 ? ["its build id cannot be read"] : []), ...this.notes];
    return { state: "not-found", message: `No debuginfo of ${this.what}${id} was found ${places}${notes.length > 0 ? `: ${notes.join("; ")}` : ""}.`, ...common };
  }

  private found(origin: string, file: DebugFile["file"]): FoundDebuginfo {
    return { state: "found", origin, debugFile: { file, ...(this.expected !== undefined && { buildId: this.expected }) } };
  }

  private suits(origin: string, inspection: Inspection): boolean {
    if (inspection.kind === "unreadable") {
      this.note(inspection.message);
      return false;
    }
    if (this.expected === undefined || inspection.buildId !== this.expected) {
      // A stripped file of another build tells nobody anything.
      if (inspection.kind === "debuginfo") this.other ??= { origin, found: inspection.buildId };
      return false;
    }
    return inspection.kind === "debuginfo";
  }

  private async statThere(path: string): Promise<boolean> {
    try {
      const stat = await this.target.stat(path);
      return stat !== undefined && !stat.isDirectory;
    } catch (error) {
      this.note(`${path} on ${this.target.name} cannot be looked at (${describeError(error)})`);
      return false;
    }
  }

  private async openThere(path: string): Promise<FoundDebuginfo | undefined> {
    try {
      const source = targetFileSource(this.target.name, await this.target.openFile(path));
      if (this.suits(source.name, await inspectFile(openRangeSource(source)))) return this.found(source.name, source);
      await source.close();
    } catch (error) {
      this.note(describeError(error));
    }
    return undefined;
  }
}

async function inspectHere(path: string): Promise<Inspection> {
  try {
    const file = openLocalFile(path);
    const inspection = await inspectFile(file);
    await file.close();
    return inspection;
  } catch (error) {
    return { kind: "unreadable", message: describeError(error) };
  }
}

function settingPlaces(setting: string, release: string, buildId: BuildId | undefined): string[] {
  return isFolder(setting) ? vmlinuxPlacesIn(setting, release, buildId) : [setting];
}

/** Files of a module below folders of this machine, debug files first. */
async function filesIn(folders: readonly string[], name: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of new Set(folders)) {
    if (!isFolder(folder)) continue;
    const entries = await readdir(folder, { recursive: true });
    found.push(...entries.filter((entry) => isModuleFile(entry.slice(entry.lastIndexOf("/") + 1), name)).map((entry) => join(folder, entry)));
  }
  return found.sort((a, b) => Number(b.endsWith(".debug")) - Number(a.endsWith(".debug")));
}

async function findOnTarget(target: Target, release: string, name: string): Promise<string[]> {
  // find fails where a folder is missing, and prints what it found in the others all the same.
  const { stdout } = await target.run({ argv: ["find", ...moduleFolders("/", release), "-name", moduleFilePattern(name), "-type", "f"] });
  const paths = Buffer.from(stdout).toString("utf8").split("\n");
  return paths.filter((path) => isModuleFile(path.slice(path.lastIndexOf("/") + 1), name));
}

async function moduleBuildId(target: Target, facts: HostFacts, name: string): Promise<BuildId | undefined> {
  if (!/^[\w-]+$/.test(name)) return undefined;
  const { code, stdout } = await target.run({ argv: ["cat", `/sys/module/${name.replaceAll("-", "_")}/notes/.note.gnu.build-id`] });
  return code === 0 ? buildIdOfNotes(stdout, facts.endianness) : undefined;
}

const isFile = (path: string): boolean => statsOf(path)?.isFile() ?? false;
const isFolder = (path: string): boolean => statsOf(path)?.isDirectory() ?? false;

/** undefined for what is not there or may not be looked at. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
