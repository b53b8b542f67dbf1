import type { BuildId } from "../base/brands";
import type { SupplementaryLink } from "../elf/supplementaryLink";
import type { TextSymbols } from "../probes/kernelSymbolsProbe";
import type { RangeSource } from "./rangeSource";

/** A file with debug information, and what it must be. */
export interface DebugFile {
  /** A path on this machine, or a file read by ranges. */
  readonly file: string | RangeSource;
  /** Build id of the kernel or module that runs; without it the file is used as given. */
  readonly buildId?: BuildId;
}

/** Why there is none; the message becomes that of the frames. */
export interface MissingDebugFile {
  readonly state: "not-found" | "mismatch";
  readonly message: string;
}

/** Where the symbolizer gets its files from. */
export interface DebugFiles {
  readonly vmlinux?: DebugFile | MissingDebugFile | undefined;
  /** By module name as in a trace; asked once for each, and after a while again for those that were not found. */
  modules(name: string): Promise<DebugFile | MissingDebugFile | undefined>;
  /** For a trace that names another build than the one that runs. */
  byBuildId?(buildId: BuildId, module: string | undefined): Promise<DebugFile | MissingDebugFile | undefined>;
  /** The file with what several debug files share, which `of`, one of them by its name, needs; asked when it is not beside a file of this machine. */
  supplementary?(link: SupplementaryLink, of: string): Promise<DebugFile | MissingDebugFile | undefined>;
  /** Bytes of the target's /proc/kallsyms, asked for when an address has to be understood; undefined when it cannot be read. */
  kallsyms?(): Promise<Uint8Array | undefined>;
  /** The running kernel's own symbols of these names; asked instead of reading the symbol table of a file that is elsewhere. */
  symbols?(names: readonly string[]): Promise<TextSymbols | undefined>;
}

export const isMissing = (file: DebugFile | MissingDebugFile): file is MissingDebugFile => "state" in file;
