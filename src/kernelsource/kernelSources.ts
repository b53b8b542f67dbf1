import { DomainError } from "../base/errors";
import { findSources, kernelVersion, type SourceSearch } from "./findSources";
import { treePath, type SourceTree } from "./sourceTree";

export interface SourceText {
  readonly file: string;
  readonly text: string;
  readonly origin: string;
  readonly match: "release" | "near" | "unknown";
  readonly message?: string;
}

export interface SourceFolder extends Pick<SourceText, "match" | "message"> {
  /** Absolute path here. */
  readonly folder: string;
}

/** The source of one host's kernel. Finds trees once, prefers the one of the running version, and says when it is another. */
export class KernelSources {
  private trees: Promise<readonly SourceTree[]> | undefined;
  private readonly texts = new Map<string, Promise<SourceText>>();

  constructor(private readonly search: SourceSearch) {}

  /** @throws DomainError source/not-found, source/outside-tree, source/no-such-file */
  async read(file: string, signal?: AbortSignal): Promise<SourceText> {
    const path = treePath(file);
    if (path === undefined) throw new DomainError("source/outside-tree", "this path is not inside the kernel tree", file);
    const known = this.texts.get(path);
    if (known) return known;
    const reading = this.readFirst(path, signal);
    this.texts.set(path, reading);
    reading.catch(() => this.texts.delete(path));
    return reading;
  }

  /**
   * A folder of this machine with the source, for a debugger: that of the running version before any other. Unpacks a tarball, which
   * takes a minute at first. undefined: all there is lies elsewhere, or nowhere.
   */
  async folder(signal?: AbortSignal): Promise<SourceFolder | undefined> {
    let near: (() => Promise<SourceFolder>) | undefined;
    for (const tree of await this.found()) {
      const { folder } = tree;
      if (!folder) continue;
      const { match, message } = await this.compare(tree, signal);
      const open = async (): Promise<SourceFolder> => ({ folder: await folder(signal), match, ...(message !== undefined && { message }) });
      if (match === "release") return open();
      near ??= open;
    }
    return near?.();
  }

  /** The origins that would be searched, for `doctor`. */
  async origins(): Promise<readonly string[]> {
    return (await this.found()).map((tree) => tree.origin);
  }

  private async readFirst(file: string, signal?: AbortSignal): Promise<SourceText> {
    const trees = await this.found();
    if (trees.length === 0) {
      throw new DomainError("source/not-found", `no kernel source for ${this.search.facts.release} here or on the host`, this.search.target.name);
    }
    let near: SourceText | undefined;
    for (const tree of trees) {
      const candidate = await this.readFrom(tree, file, signal);
      if (candidate?.match === "release") return candidate;
      near ??= candidate;
    }
    if (near) return near;
    const searched = trees.map((tree) => tree.origin).join(", ");
    throw new DomainError("source/no-such-file", `not in the kernel source found (${searched}); it may be generated during the build`, file);
  }

  private async readFrom(tree: SourceTree, file: string, signal?: AbortSignal): Promise<SourceText | undefined> {
    const text = await tree.read(file, signal);
    if (text === undefined) return undefined;
    return { file, text, origin: tree.origin, ...(await this.compare(tree, signal)) };
  }

  private async compare(tree: SourceTree, signal?: AbortSignal): Promise<Pick<SourceText, "match" | "message">> {
    const [have, want] = [await tree.version(signal), kernelVersion(this.search.facts)];
    if (have === undefined) return { match: "unknown", message: "this tree has no Makefile that names its version" };
    if (have === want) return { match: "release" };
    return { match: "near", message: `this source is of Linux ${have}, the host runs ${want ?? this.search.facts.release}: lines may be off` };
  }

  private found(): Promise<readonly SourceTree[]> {
    this.trees ??= findSources(this.search);
    this.trees.catch(() => (this.trees = undefined));
    return this.trees;
  }
}
