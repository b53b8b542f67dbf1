import type { StackAnswer } from "../protocol/kernelStacks";
import { isFile } from "../symbolize/moduleFiles";
import type { ResolvedFrame } from "../symbolize/resolvedFrame";
import { Symbolizer } from "../symbolize/symbolizer";
import { vmlinuxRelease } from "../symbolize/vmlinuxRelease";
import type { HostOptions } from "./host";
import { givenDebugFiles } from "./resolveInFiles";
import { withBuildId, type StackOfText } from "./resolveStack";
import { SourcePlaces } from "./sourcePlaces";

/** The vmlinux that the user named: for texts that tell no build id it is the user's word that counts, unless the file's own release contradicts it. */
export class NamedVmlinux {
  /** undefined: none is named, or it is no file. */
  readonly path: string | undefined;
  private readonly modules: string | undefined;
  private readonly sources: SourcePlaces;
  private symbolizer: Symbolizer | undefined;
  private release: Promise<string | undefined> | undefined;

  constructor({ vmlinux, modules, sources = [] }: Pick<HostOptions, "vmlinux" | "modules" | "sources">) {
    this.path = vmlinux !== undefined && isFile(vmlinux) ? vmlinux : undefined;
    this.modules = modules;
    this.sources = new SourcePlaces(sources);
  }

  /** Says that the file is of another release than the text; undefined when it is not, or nothing tells. */
  async otherRelease({ build }: StackOfText): Promise<string | undefined> {
    const release = build === undefined ? undefined : await this.ownRelease();
    return release === undefined || release === build ? undefined : `The text is of kernel ${build}; ${this.path} is of ${release}.`;
  }

  /** Whether the text names no build but this very release. */
  async isOf({ build, buildId, frames }: StackOfText): Promise<boolean> {
    if (build === undefined || buildId !== undefined || frames.some((frame) => frame.buildId !== undefined)) return false;
    return (await this.ownRelease().catch(() => undefined)) === build;
  }

  /** A build id is compared all the same where the text has one. */
  async resolve(stack: StackOfText, signal: AbortSignal): Promise<readonly ResolvedFrame[]> {
    return this.open().resolve(stack.frames.map((frame) => withBuildId(frame, stack)), { signal });
  }

  async answer(stack: StackOfText, signal: AbortSignal): Promise<StackAnswer> {
    const resolved = await this.resolve(stack, signal);
    const kernel = stack.build === undefined ? undefined : { release: stack.build, version: "" };
    const debuginfo = stack.buildId === undefined ? `${this.path}, as named: the text tells no build id to compare` : (this.path ?? "");
    return { ...(kernel && { release: kernel.release }), debuginfo, frames: await this.sources.answers(resolved, kernel, await this.open().sourceRoot()) };
  }

  async dispose(): Promise<void> {
    await this.symbolizer?.dispose();
  }

  private open(): Symbolizer {
    const { path = "", modules } = this;
    this.symbolizer ??= new Symbolizer(givenDebugFiles({ vmlinux: path, ...(modules !== undefined && { modules }) }));
    return this.symbolizer;
  }

  private async ownRelease(): Promise<string | undefined> {
    this.release ??= this.path === undefined ? Promise.resolve(undefined) : vmlinuxRelease(this.path);
    return this.release;
  }
}
