import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { directoryTree } from "../kernelsource/directoryTree";
import { kernelVersion, usualPlaces } from "../kernelsource/findSources";
import { treePath } from "../kernelsource/sourceTree";
import type { HostFacts } from "../probes/hostFacts";
import type { FrameAnswer } from "../protocol/kernelStacks";
import { isFile } from "../symbolize/moduleFiles";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";
import { openLocalFile, statLocalFile } from "../target/localFile";
import { frameAnswer } from "./frameAnswer";

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

  /** Frames for the wire, each line with the address of its file. `kernel`, `built`: as for `uriOf`. */
  async answers(resolved: readonly ResolvedFrame[], kernel: NamedKernel | undefined, built?: string): Promise<readonly FrameAnswer[]> {
    const chains = resolved.flatMap(({ frames, matches = [] }) => [frames, ...matches.map((match) => match.frames)]);
    const files = new Set(chains.flat().flatMap(({ source }) => source?.file ?? []));
    const uris = new Map<string, string | undefined>();
    for (const file of files) uris.set(file, await this.uriOf(file, kernel, built));
    return resolved.map((frame) => frameAnswer(frame, (file) => uris.get(file)));
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
