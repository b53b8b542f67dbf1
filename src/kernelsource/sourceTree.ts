/** A kernel source tree, wherever it lies. */
export interface SourceTree {
  /** Path here, `host:path`, or an archive. */
  readonly origin: string;
  /** `6.1.192`, from the top Makefile; undefined when it has none. */
  version(signal?: AbortSignal): Promise<string | undefined>;
  /** The text of a file of the tree, undefined when it has no such file. `file` was checked by `treePath`. */
  read(file: string, signal?: AbortSignal): Promise<string | undefined>;
  /** Its code as a folder of this machine, for programs that read files themselves. Absent where the tree lies elsewhere. */
  readonly folder?: (signal?: AbortSignal) => Promise<string>;
}

/**
 * The path of a file inside a kernel tree, or undefined when it does not stay in it. Debuginfo is input:
 * a path such as `../../etc/passwd` must not be followed.
 */
export function treePath(file: string): string | undefined {
  if (file.startsWith("/") || file.includes("\0") || file.includes("\\")) return undefined;
  const parts: string[] = [];
  for (const part of file.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (parts.pop() === undefined) return undefined;
    } else parts.push(part);
  }
  return parts.length > 0 ? parts.join("/") : undefined;
}

/** VERSION.PATCHLEVEL.SUBLEVEL of a kernel's top Makefile. */
export function makefileVersion(makefile: string): string | undefined {
  const value = (name: string): string | undefined => new RegExp(`^${name}[ \\t]*=[ \\t]*(\\d+)[ \\t]*$`, "m").exec(makefile)?.[1];
  const [version, patchlevel, sublevel] = [value("VERSION"), value("PATCHLEVEL"), value("SUBLEVEL")];
  return version !== undefined && patchlevel !== undefined ? [version, patchlevel, sublevel ?? "0"].join(".") : undefined;
}
