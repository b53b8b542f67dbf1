import type { BuildId } from "../base/brands";
import { DomainError } from "../base/errors";
import type { SupplementaryLink } from "../elf/supplementaryLink";
import type { TextSymbols } from "../probes/kernelSymbolsProbe";
import { isMissing, type DebugFile, type DebugFiles, type MissingDebugFile } from "./debugFile";
import type { RangeSource } from "./rangeSource";
import type { ThreadPeer } from "./threadPeer";

/**
 * Debug files across threads: files of this machine go over as paths and are read by the worker itself;
 * for files read by ranges a number goes over, and every read comes back as a question.
 */
type PortableFile = Omit<DebugFile, "file"> & { readonly file: string | { readonly id: number; readonly name: string; readonly size: number } };
export type PortableLocation = PortableFile | MissingDebugFile | undefined;

/** Answers the worker's questions, in the thread that has the files. */
export class FileHost {
  private readonly sources = new Map<number, RangeSource>();

  constructor(private readonly files: DebugFiles) {}

  async handle(method: string, parameter: unknown): Promise<unknown> {
    switch (method) {
      case "vmlinux":
        return this.portable(this.files.vmlinux);
      case "module":
        return this.portable(await this.files.modules(parameter as string));
      case "byBuildId": {
        const { buildId, module } = parameter as BuildRequest;
        return this.portable(await this.files.byBuildId?.(buildId, module));
      }
      case "supplementary": {
        const { link, of } = parameter as SupplementaryRequest;
        return this.portable(await this.files.supplementary?.(link, of));
      }
      case "kallsyms":
        return this.files.kallsyms?.();
      case "symbols":
        return this.files.symbols?.(parameter as readonly string[]);
      case "read": {
        const { id, offset, length } = parameter as ReadRequest;
        return this.source(id).read(offset, length);
      }
      case "close":
        return this.source(parameter as number).close();
      default:
        throw new DomainError("symbolize/bad-message", `unknown question ${method}`);
    }
  }

  private portable(location: DebugFile | MissingDebugFile | undefined): PortableLocation {
    if (!location || isMissing(location)) return location;
    const { file, ...rest } = location;
    if (typeof file === "string") return { ...rest, file };
    const id = this.sources.size;
    this.sources.set(id, file);
    return { ...rest, file: { id, name: file.name, size: file.size } };
  }

  private source(id: number): RangeSource {
    const source = this.sources.get(id);
    if (!source) throw new DomainError("symbolize/bad-message", `no file ${id}`);
    return source;
  }
}

interface BuildRequest {
  readonly buildId: BuildId;
  readonly module: string | undefined;
}

interface SupplementaryRequest {
  readonly link: SupplementaryLink;
  readonly of: string;
}

interface ReadRequest {
  readonly id: number;
  readonly offset: number;
  readonly length: number;
}

/** The same files as the worker sees them. */
export async function proxiedFiles(peer: ThreadPeer): Promise<DebugFiles> {
  return {
    vmlinux: unpack(peer, (await peer.call("vmlinux", undefined)) as PortableLocation),
    modules: async (name) => unpack(peer, (await peer.call("module", name)) as PortableLocation),
    byBuildId: async (buildId, module) => unpack(peer, (await peer.call("byBuildId", { buildId, module } satisfies BuildRequest)) as PortableLocation),
    supplementary: async (link, of) => unpack(peer, (await peer.call("supplementary", { link, of } satisfies SupplementaryRequest)) as PortableLocation),
    kallsyms: async () => (await peer.call("kallsyms", undefined)) as Uint8Array | undefined,
    symbols: async (names) => (await peer.call("symbols", names)) as TextSymbols | undefined,
  };
}

function unpack(peer: ThreadPeer, location: PortableLocation): DebugFile | MissingDebugFile | undefined {
  if (!location || "state" in location) return location;
  const { file, ...rest } = location;
  return { ...rest, file: typeof file === "string" ? file : proxiedSource(peer, file) };
}

const proxiedSource = (peer: ThreadPeer, { id, name, size }: { readonly id: number; readonly name: string; readonly size: number }): RangeSource => ({
  name,
  size,
  read: async (offset, length) => (await peer.call("read", { id, offset, length } satisfies ReadRequest)) as Uint8Array,
  close: async () => {
    await peer.call("close", id);
  },
});
