import { readFile } from "node:fs/promises";
import type { StackFrame } from "../stacks/stack";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";
import { Symbolizer } from "../symbolize/symbolizer";
import { memorySource } from "../symbolize/rangeSource";
import { unpack } from "../symbolize/unpack";
import { findModuleFile } from "../symbolize/moduleFiles";

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
      const file = modules === undefined ? undefined : await findModuleFile(modules, name);
      if (file === undefined || !/\.(xz|zst|gz)$/.test(file)) return file === undefined ? undefined : { file };
      return { file: memorySource(file, await unpack(await readFile(file), file)) };
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
