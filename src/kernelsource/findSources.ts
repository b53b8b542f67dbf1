/**
 * Where the source of a running kernel may lie: the user's setting, then each distribution's places here,
 * then the same places on the target. Only trees of the same version (Makefile against `uname`) count as exact.
 */
import { DomainError } from "../base/errors";
import type { HostFacts } from "../probes/hostFacts";
import { openLocalFile, statLocalFile } from "../target/localFile";
import type { Target } from "../target/target";
import { archiveTree } from "./archiveTree";
import { directoryTree, type TreeHost } from "./directoryTree";
import { remoteArchiveTree } from "./remoteArchiveTree";
import type { SourceTree } from "./sourceTree";

const archivePattern = /\.tar(\.(xz|gz|bz2|zst))?$|\.t[gx]z$/;

export interface SourceSearch {
  /** The host whose kernel it is. */
  readonly target: Target;
  readonly facts: HostFacts;
  /** Trees or tarballs on this machine, from settings. One that does not exist is an error, not a miss. */
  readonly configured: readonly string[];
  readonly cacheFolder: string;
}

/** This machine, whatever system it runs: the editor may sit on another one than Linux. */
const here: TreeHost = { name: "local", kind: "local", stat: statLocalFile, openFile: openLocalFile };

/** `6.1.192` of a running kernel: Debian names it in `uname -v`, others in `uname -r`. */
export function kernelVersion(facts: Pick<HostFacts, "release" | "version">): string | undefined {
  const debian = /\bDebian (\d+\.\d+(?:\.\d+)?)/.exec(facts.version)?.[1];
  const found = debian ?? /^\d+\.\d+(?:\.\d+)?/.exec(facts.release)?.[0];
  if (found === undefined) return undefined;
  return found.split(".").length === 2 ? `${found}.0` : found;
}

/** Every tree that exists, best first. Reads no tree yet. */
export async function findSources(search: SourceSearch): Promise<readonly SourceTree[]> {
  const configured = await Promise.all(search.configured.map((path) => configuredTree(search, path)));
  const nearby = await existingTrees(search, here);
  const there = search.target.kind === "local" ? [] : await existingTrees(search, search.target);
  return [...configured, ...nearby, ...there];
}

async function configuredTree(search: SourceSearch, path: string): Promise<SourceTree> {
  const tree = await treeAt(search, here, path);
  if (!tree) throw new DomainError("source/no-such-tree", "the setting for kernel sources names a place that does not exist", path);
  return tree;
}

async function existingTrees(search: SourceSearch, on: TreeHost): Promise<readonly SourceTree[]> {
  const found = await Promise.all(usualPlaces(search.facts).map((path) => treeAt(search, on, path)));
  return found.filter((tree) => tree !== undefined);
}

/** Debian's linux-source package, Fedora's and Arch's build links, and the distribution-neutral /usr/src/linux-REL. */
export function usualPlaces(facts: Pick<HostFacts, "release" | "version">): readonly string[] {
  const series = (kernelVersion(facts) ?? "").split(".").slice(0, 2).join(".");
  const names = [`linux-source-${series}`, `linux-${facts.release}`, `linux-${kernelVersion(facts) ?? facts.release}`];
  return [
    ...names.map((name) => `/usr/src/${name}`),
    `/lib/modules/${facts.release}/source`,
    `/usr/src/debug/kernel-${facts.release}`,
    `/usr/src/linux-source-${series}.tar.xz`,
    `/usr/src/linux-source-${series}/linux-source-${series}.tar.bz2`,
  ];
}

async function treeAt(search: SourceSearch, on: TreeHost, path: string): Promise<SourceTree | undefined> {
  const stat = await on.stat(path);
  if (!stat) return undefined;
  if (!stat.isDirectory) {
    if (!archivePattern.test(path)) return undefined;
    return on.kind === "local" ? archiveTree(path, search.cacheFolder) : remoteArchiveTree(search.target, path, search.cacheFolder);
  }
  // Header packages leave a folder of the same shape without a single .c file.
  const complete = await on.stat(`${path}/net/ipv4/tcp.c`);
  return complete ? directoryTree(on, path) : undefined;
}
