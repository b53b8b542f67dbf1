import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { kernelOf, type LabKernel } from "./labKernel";
import { labPaths } from "./labPaths";

export interface DebugFiles {
  readonly vmlinux?: string;
  /** Root of the unpacked debuginfo: usr/lib/debug/… below it. */
  readonly debugDir?: string;
  readonly sourceTarball?: string;
}

/** Debuginfo and source of a kernel that are on this machine already. */
export function debugFiles(kernel: LabKernel): DebugFiles {
  const id = kernelOf(kernel);
  const releaseFile = join(labPaths.built(`kernel-${id}`), "release");
  if (!existsSync(releaseFile)) return {};
  const debugDir = labPaths.built(`debug-${id}`);
  const vmlinux = join(debugDir, "usr/lib/debug/boot", `vmlinux-${readFileSync(releaseFile, "utf8").trim()}`);
  const sourceTarball = labPaths.built(`linux-source-${id}.tar.xz`);
  return {
    ...(existsSync(vmlinux) ? { vmlinux, debugDir } : {}),
    ...(existsSync(sourceTarball) ? { sourceTarball } : {}),
  };
}
