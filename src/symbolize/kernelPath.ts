/**
 * Names a source file by its path from the root of the kernel tree, whatever folder the kernel was
 * built in: `net/ipv4/tcp_ipv4.c`. Files that are not in a kernel tree keep their path.
 */
export function kernelPath(path: string, compDir: string | undefined): string {
  if (compDir !== lastFolder || folded.size > pathsKept) {
    folded.clear();
    lastFolder = compDir;
  }
  const known = folded.get(path);
  if (known !== undefined) return known;
  const inTree = pathInTree(path, compDir);
  folded.set(path, inTree);
  return inTree;
}

/** Frames of a batch are in few files, nearly all compiled in one folder. */
const folded = new Map<string, string>();
const pathsKept = 10_000;
let lastFolder: string | undefined;

function pathInTree(path: string, compDir: string | undefined): string {
  const whole = foldPath(path);
  if (!whole.startsWith("/")) return whole.replace(debianBuild, "").replace(/^(\.\.\/)+/, "");
  for (const root of buildRoots) {
    const stripped = whole.replace(root, "");
    if (stripped !== whole) return stripped;
  }
  return withoutBuildFolder(whole, compDir && foldPath(compDir));
}

/** Debian builds each flavour in a folder inside of the tree; generated headers are there. */
const debianBuild = /^(?:.*\/)?debian\/build\/[^/]+\//;

/** Where distributions unpack the tree: `/build/…/linux-6.1.192/`, `/usr/src/debug/kernel-6.5.6/linux-6.5.6-300.fc39.x86_64/`. */
const buildRoots: readonly RegExp[] = [debianBuild, /^\/(?:[^/]+\/)*?(?:linux-[^/]+\/)+/, /^\/usr\/src\/(?:kernel|kernels\/[^/]+)\//];

/** Folders at the root of a kernel tree. */
const rootFolders: ReadonlySet<string> = new Set(
  "arch block certs crypto drivers fs include init io_uring ipc kernel lib mm net rust samples scripts security sound tools usr virt".split(" "),
);

/** The build folder itself, or a folder around it when the tree was built with O=. */
function withoutBuildFolder(path: string, compDir: string | undefined): string {
  for (let folder = compDir ?? ""; folder.startsWith("/") && folder.length > 1; folder = folder.slice(0, folder.lastIndexOf("/"))) {
    if (!path.startsWith(`${folder}/`)) continue;
    const rest = path.slice(folder.length + 1);
    if (folder === compDir || rootFolders.has(rest.slice(0, rest.indexOf("/")))) return rest;
  }
  return path;
}

/**
 * Where the tree was when it was built, with a slash at the end: what debuginfod's servers know sources by. undefined when that
 * is a relative path, as in Debian's kernels.
 */
export function treeRoot(path: string, compDir: string | undefined): string | undefined {
  const joined = path.startsWith("/") || compDir === undefined ? path : `${compDir}/${path}`;
  if (!joined.startsWith("/")) return undefined;
  const whole = foldPath(joined);
  const inTree = kernelPath(path, compDir);
  return !inTree.startsWith("/") && whole.endsWith(`/${inTree}`) ? whole.slice(0, -inTree.length) : undefined;
}

/** Removes `./`, `//` and `folder/../`. */
export function foldPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return (path.startsWith("/") ? "/" : "") + parts.join("/");
}
