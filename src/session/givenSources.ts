import { cacheFolder } from "../base/cacheFolder";
import { archiveTree } from "../kernelsource/archiveTree";
import { directoryTree } from "../kernelsource/directoryTree";
import { treePath, type SourceTree } from "../kernelsource/sourceTree";
import { localTarget } from "../target/localTarget";

/** A reader of kernel sources that the user names: trees or tarballs on this machine, taken as given, the first that has the file. */
export function givenSources(paths: readonly string[]): (file: string) => Promise<string | undefined> {
  const target = localTarget();
  const trees = paths.map((path): SourceTree => (/\.tar(\.\w+)?$|\.tgz$/.test(path) ? archiveTree(path, cacheFolder()) : directoryTree(target, path)));
  return async (file) => {
    const path = treePath(file);
    if (path === undefined) return undefined;
    for (const tree of trees) {
      const text = await tree.read(path);
      if (text !== undefined) return text;
    }
    return undefined;
  };
}
