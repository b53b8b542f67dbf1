import type { BuildId } from "../base/brands";
import { describeError } from "../base/errors";
import { isMissing, type DebugFile, type DebugFiles, type MissingDebugFile } from "./debugFile";
import { Image } from "./image";
import { openLocalFile, openRangeSource } from "./openFile";
import type { ResolveStatus } from "./resolvedFrame";

/** Why frames of a kernel or module cannot be resolved. */
export interface NoImage {
  readonly status: ResolveStatus;
  readonly message: string;
}

/** Milliseconds: a module without debuginfo is in many traces, and each search takes round trips. */
const modulesLookAgainAfter = 20_000;

/** Opens each file once, after its build id was found to be the right one. */
export class ImageStore {
  private readonly images = new Map<string, Promise<Image | NoImage>>();
  private readonly missingBuilds = new Set<BuildId>();
  /** Modules that were found nowhere, with the time of it. */
  private readonly missingModules = new Map<string, number>();

  constructor(
    private readonly files: DebugFiles,
    private readonly lookAgainAfter = modulesLookAgainAfter,
  ) {}

  /** @param module undefined for vmlinux */
  image(module: string | undefined): Promise<Image | NoImage> {
    const key = module?.replaceAll("-", "_") ?? "";
    const known = this.images.get(key);
    if (known) return known;
    const opened = this.open(module);
    this.images.set(key, opened);
    if (key !== "") void opened.then((image) => image instanceof Image || this.missingModules.set(key, Date.now()));
    return opened;
  }

  /** A file of exactly this build, which a trace names. */
  async byBuildId(buildId: BuildId, module: string | undefined): Promise<Image | NoImage> {
    const known = this.images.get(buildId) ?? this.openBuild(buildId, module);
    this.images.set(buildId, known);
    const image = await known;
    if (!(image instanceof Image)) this.missingBuilds.add(buildId);
    return image;
  }

  /** Builds that were found nowhere are looked for once more, and modules after a while: somebody may have fetched or installed one since. */
  lookAgain(): void {
    for (const [key, since] of this.missingModules) {
      if (Date.now() - since < this.lookAgainAfter) continue;
      this.images.delete(key);
      this.missingModules.delete(key);
    }
    for (const buildId of this.missingBuilds) this.images.delete(buildId);
    this.missingBuilds.clear();
  }

  /** Keeps indexes of what was used; see `Image.keep`. */
  async keep(pause: () => Promise<boolean>): Promise<void> {
    for (const image of await Promise.all(this.images.values())) if (image instanceof Image) await image.keep(pause);
  }

  async close(): Promise<void> {
    const images = await Promise.all(this.images.values());
    this.images.clear();
    for (const image of images) if (image instanceof Image) await image.close();
  }

  private async openBuild(buildId: BuildId, module: string | undefined): Promise<Image | NoImage> {
    try {
      const file = await this.files.byBuildId?.(buildId, module);
      if (!file) return { status: "no-debuginfo", message: `No debuginfo of build ${buildId} was found.` };
      return isMissing(file) ? missing(file) : await this.openChecked({ ...file, buildId }, `build ${buildId}`);
    } catch (error) {
      return { status: "unreadable-debuginfo", message: `Cannot read the debuginfo of build ${buildId}: ${describeError(error)}` };
    }
  }

  private async open(module: string | undefined): Promise<Image | NoImage> {
    const what = module === undefined ? "the kernel" : `module ${module}`;
    try {
      const file = module === undefined ? this.files.vmlinux : await this.files.modules(module);
      if (!file) return { status: "no-debuginfo", message: `No debuginfo of ${what} was found.` };
      return isMissing(file) ? missing(file) : await this.openChecked(file, what);
    } catch (error) {
      return { status: "unreadable-debuginfo", message: `Cannot read the debuginfo of ${what}: ${describeError(error)}` };
    }
  }

  private async openChecked({ file, buildId }: DebugFile, what: string): Promise<Image | NoImage> {
    const opened = typeof file === "string" ? openLocalFile(file) : openRangeSource(file);
    try {
      const image = await Image.open(opened, this.files.supplementary?.bind(this.files));
      if (buildId === undefined || image.buildId === buildId) return image;
      await image.close();
      return mismatch(image.name, image.buildId, what, buildId);
    } catch (error) {
      await opened.close();
      throw error;
    }
  }
}

const missing = ({ state, message }: MissingDebugFile): NoImage => ({
  status: state === "mismatch" ? "build-id-mismatch" : "no-debuginfo",
  message,
});

/** @param expected build id of what runs, or of what the trace names */
function mismatch(name: string, found: BuildId | undefined, what: string, expected: BuildId): NoImage {
  const has = found === undefined ? "has no build id" : `has build id ${found}`;
  return { status: "build-id-mismatch", message: `${name} ${has}, but ${what} has ${expected}. It is of another build and is not used.` };
}
