import { Btf } from "../../btf/btf";
import { btfProbe } from "../../probes/btfProbe";
import { runProbe } from "../../probes/probe";
import type { Target } from "../../target/target";

/** The kernel's own types. They never change while a target is connected, so they come over once. */
export function kernelTypes(target: Target, signal?: AbortSignal): Promise<Btf> {
  const known = kernels.get(target);
  if (known) return known;
  const types = runProbe(target, btfProbe("vmlinux"), signal).then((bytes) => Btf.parse(bytes, "/sys/kernel/btf/vmlinux"));
  kernels.set(target, types);
  // A failure to read (a lost link, an abort) is not an answer to keep.
  types.catch(() => kernels.delete(target));
  return types;
}

const kernels = new WeakMap<Target, Promise<Btf>>();

/** Those of a module. Modules may be built without BTF: undefined. */
export async function moduleTypes(target: Target, module: string, kernel: Btf, signal?: AbortSignal): Promise<Btf | undefined> {
  try {
    return Btf.parse(await runProbe(target, btfProbe(module), signal), `/sys/kernel/btf/${module}`, kernel);
  } catch {
    target.closed.throwIfAborted();
    return undefined;
  }
}
