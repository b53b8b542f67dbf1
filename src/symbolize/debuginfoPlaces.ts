import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BuildId } from "../base/brands";
import { clientCacheFolder } from "../debuginfod/settings";
import { keptPlace } from "./keptFiles";

/** Where distributions and tools put debuginfo. Paths are POSIX ones of the target, or of this machine when it is Linux. */

/** A build's file in a build-id folder: `.build-id/3b/43fad5….debug`. */
export const buildIdFile = (buildId: BuildId): string => `.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`;

/** Below a root: `/` for an installed system, or a folder that debug packages were unpacked to. */
export function vmlinuxPlaces(root: string, release: string, buildId: BuildId | undefined): string[] {
  const places = [
    ...(buildId === undefined ? [] : [`usr/lib/debug/${buildIdFile(buildId)}`]),
    `usr/lib/debug/boot/vmlinux-${release}`, // Debian, Ubuntu
    `usr/lib/debug/lib/modules/${release}/vmlinux`, // Fedora, RHEL, Debian (a link)
    `usr/lib/debug/usr/lib/modules/${release}/vmlinux`,
    `usr/lib/debug/lib/modules/${release}/vmlinux.debug`,
    `usr/lib/debug/usr/lib/modules/${release}/vmlinux.debug`, // SUSE
    `usr/lib/debug/usr/lib/modules/${release}/build/vmlinux.debug`, // Arch
    `usr/lib/debug/boot/vmlinux-${release}.debug`, // SUSE before the merge of /usr
    `usr/lib/debug/lib/modules/${release}/build/vmlinux`,
    `lib/modules/${release}/build/vmlinux`, // built here
    `lib/modules/${release}/vmlinux`,
    `usr/src/linux-headers-${release}/vmlinux`,
    `usr/src/kernels/${release}/vmlinux`,
    `boot/vmlinux-${release}`,
  ];
  return places.map((place) => join(root, place));
}

/** In a folder that the user named: it may be any level of what a debug package holds, or a build folder. */
export function vmlinuxPlacesIn(folder: string, release: string, buildId: BuildId | undefined): string[] {
  const own = ["vmlinux", `vmlinux-${release}`, `boot/vmlinux-${release}`, `lib/modules/${release}/vmlinux`];
  const byId = buildId === undefined ? [] : [buildIdFile(buildId)];
  return [...[...byId, ...own].map((place) => join(folder, place)), ...vmlinuxPlaces(folder, release, buildId)];
}

/** What debuginfod's client and we keep on this machine, by build id. */
export function cachedPlaces(buildId: BuildId, env: NodeJS.ProcessEnv = process.env): string[] {
  return [join(clientCacheFolder(env), buildId, "debuginfo"), keptPlace(buildId, env)];
}

/** Folders that hold the modules of a release, at any depth. */
export function moduleFolders(root: string, release: string): string[] {
  return [`usr/lib/debug/lib/modules/${release}`, `usr/lib/debug/usr/lib/modules/${release}`, `lib/modules/${release}`].map((place) => join(root, place));
}

/** Releases that a root, or a folder of kernels, has files of. */
export function releasesIn(root: string): string[] {
  const folders = ["usr/lib/debug/lib/modules", "usr/lib/debug/usr/lib/modules", "lib/modules"].flatMap((place) => namesIn(join(root, place)));
  const kernels = ["usr/lib/debug/boot", "boot", ""].flatMap((place) => namesIn(join(root, place))).flatMap((name) => /^vmlinux-(.+?)(?:\.debug)?$/.exec(name)?.[1] ?? []);
  return [...new Set([...folders, ...kernels])];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Folders of modules that belong to a vmlinux or folder that the user named. */
export function moduleFoldersBeside(setting: string, release: string): string[] {
  const beside = [setting, dirname(setting), dirname(dirname(setting))];
  return beside.flatMap((folder) => [join(folder, "lib/modules", release), ...moduleFolders(folder, release)]);
}

/** Pattern of find(1) for a module's file: file names may have dashes where module names have underscores. */
export const moduleFilePattern = (name: string): string => `${name.replace(/[^\w-]/g, "?").replace(/[-_]/g, "[-_]")}.ko*`;

/** Whether a file is that of a module, packed or not. */
export function isModuleFile(file: string, name: string): boolean {
  const [, stem] = /^(.+)\.ko(?:\.xz|\.zst|\.gz)?(?:\.debug)?(?:\.xz|\.zst|\.gz)?$/.exec(file) ?? [];
  return stem?.replaceAll("-", "_") === name.replaceAll("-", "_");
}
