import { promises } from "node:fs";
import type { StackFrame } from "../stacks/stack";
import type { DebugFiles } from "../symbolize/debugFile";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";
import { Symbolizer } from "../symbolize/symbolizer";
import { memorySource } from "../symbolize/rangeSource";

/** Files that the user names; they are used as given, since there is no running kernel to compare their build ids with. */
export interface GivenFiles {
  readonly vmlinux: string;
  /** A folder that is searched for NAME.ko and NAME.ko.debug. */
  readonly modules?: string;
}

/** Only what a stack needs is opened. */
export function givenDebugFiles({ vmlinux, modules }: GivenFiles): DebugFiles {
  return {
    vmlinux: { file: vmlinux },
    modules: async (name) => {
      if (modules === undefined) return undefined;
      // Only when it is needed: what unpacks takes as long to load as a frame to resolve.
      const { findModuleFile } = await import("../symbolize/moduleFiles");
      const file = await findModuleFile(modules, name);
      if (file === undefined || !/\.(xz|zst|gz)$/.test(file)) return file === undefined ? undefined : { file };
      const { unpack } = await import("../symbolize/unpack");
      return { file: memorySource(file, await unpack(await promises.readFile(file), file)) };
    },
  };
}

export async function resolveInFiles(files: GivenFiles, frames: readonly StackFrame[]): Promise<readonly ResolvedFrame[]> {
  // Nothing else is to be done meanwhile, and a thread costs more than a frame.
  const symbolizer = new Symbolizer(givenDebugFiles(files), { worker: "in-process" });
  try {
    return await symbolizer.resolve(frames);
  } finally {
    await symbolizer.dispose();
  }
}
