import { promises } from "node:fs";
import type { StackFrame } from "../stacks/stack";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";
import { Symbolizer } from "../symbolize/symbolizer";
import { memorySource } from "../symbolize/rangeSource";

/** Files that the user names; they are used as given, since there is no running kernel to compare their build ids with. */
export interface GivenFiles {
  readonly vmlinux: string;
  /** A folder that is searched for NAME.ko and NAME.ko.debug. */
  readonly modules?: string;
}

export async function resolveInFiles(files: GivenFiles, frames: readonly StackFrame[]): Promise<readonly ResolvedFrame[]> {
  const { modules } = files;
  const found = {
    vmlinux: { file: files.vmlinux },
    modules: async (name: string) => {
      if (modules === undefined) return undefined;
      // Only when it is needed: what unpacks takes as long to load as a frame to resolve.
      const { findModuleFile } = await import("../symbolize/moduleFiles");
      const file = await findModuleFile(modules, name);
      if (file === undefined || !/\.(xz|zst|gz)$/.test(file)) return file === undefined ? undefined : { file };
      const { unpack } = await import("../symbolize/unpack");
      return { file: memorySource(file, await unpack(await promises.readFile(file), file)) };
    },
  };
  // Nothing else is to be done meanwhile, and a thread costs more than a frame.
  const symbolizer = new Symbolizer(found, { worker: "in-process" });
  try {
    return await symbolizer.resolve(frames);
  } finally {
    await symbolizer.dispose();
  }
}
