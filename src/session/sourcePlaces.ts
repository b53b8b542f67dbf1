import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { directoryTree } from "../kernelsource/directoryTree";
import { kernelVersion, usualPlaces } from "../kernelsource/findSources";
import { treePath } from "../kernelsource/sourceTree";
import type { HostFacts } from "../probes/hostFacts";
import { isFile } from "../symbolize/moduleFiles";
import { openLocalFile, statLocalFile } from "../target/localFile";

/** A kernel as it calls itself. */
type NamedKernel = Pick<HostFacts, "release" | "version">;

const here = { name: "local", kind: "local", stat: statLocalFile, openFile: openLocalFile } as const;

/**
 * Files of unpacked kernel trees on this machine, for editors that open files and nothing else. A tree that the user named serves all kernels of its series
 * (a distribution's release does not tell more), one that merely lies there only the very version.
 */
export class SourcePlaces {
  private readonly versions = new Map<string, Promise<string | undefined>>();

  constructor(private readonly named: readonly string[]) {}

  /**
   * Address of a file of the tree. `kernel`: undefined when nobody knows which it is; the named trees are then taken as given. `built`: where the kernel's
   * tree was when it was built, which counts as named after the others.
   */
  async uriOf(file: string, kernel: NamedKernel | undefined, built?: string): Promise<string | undefined> {
    const path = treePath(file);
    if (path === undefined) return undefined;
    const wanted = kernel && kernelVersion(kernel);
    const inTree = await this.fileIn([...this.named, ...(built === undefined ? [] : [built])], path, (version) => wanted === undefined || version === undefined || series(version) === series(wanted));
    const found = inTree ?? (kernel && (await this.fileIn(usualPlaces(kernel), path, (version) => version === wanted)));
    return found === undefined ? undefined : pathToFileURL(found).href;
  }

  private async fileIn(roots: readonly string[], path: string, suits: (version: string | undefined) => boolean): Promise<string | undefined> {
    for (const root of roots) {
      const file = join(root, path);
      if (isFile(file) && suits(await this.versionOf(root))) return file;
    }
    return undefined;
  }

  private versionOf(root: string): Promise<string | undefined> {
    const known = this.versions.get(root) ?? directoryTree(here, root).version();
    this.versions.set(root, known);
    return known;
  }
}

/** `6.1` of `6.1.192`. */
const series = (version: string): string => version.split(".", 2).join(".");
