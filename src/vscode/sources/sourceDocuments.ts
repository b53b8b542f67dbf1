import { Disposable, EventEmitter, type FileChangeEvent, FileSystemError, type FileStat, type FileSystemProvider, FileType, FilePermission, Uri } from "vscode";
import { describeError } from "../../base/errors";
import { adviceFor } from "../../session/advice";
import type { KernelSource } from "../../session/host";
import type { HostRegistry } from "../hosts/hostRegistry";
import { buildName, parseSourcePath, sourcePath, sourceScheme, type SourceAddress } from "./sourceUri";

/** Kernel source of a host's running build as a read-only file system. Files are read once and kept for the window's life. */
export class SourceDocuments implements FileSystemProvider {
  private readonly files = new Map<string, Promise<KernelSource>>();
  private readonly changes = new EventEmitter<FileChangeEvent[]>();
  private readonly loaded = new EventEmitter<Uri>();
  readonly onDidChangeFile = this.changes.event;
  /** A document's origin became known. */
  readonly onDidLoad = this.loaded.event;
  /** What was read, for those who only look. */
  private readonly known = new Map<string, KernelSource>();
  private readonly warned = new Set<string>();

  constructor(private readonly hosts: HostRegistry) {}

  /** @throws when the host is not connected: without it nobody knows the build. */
  uriOf(host: string, file: string): Uri {
    const state = this.hosts.get(host)?.state;
    if (state?.kind !== "connected") throw FileSystemError.Unavailable(`${host} is not connected`);
    return Uri.from({ scheme: sourceScheme, path: sourcePath({ host, build: buildName(state.facts), file }) });
  }

  /** Reads the source, or gives what was read before. Rejects with the DomainError that says why not. */
  load(uri: Uri): Promise<KernelSource> {
    const key = uri.toString();
    const existing = this.files.get(key);
    if (existing) return existing;
    const reading = this.read(addressOf(uri)).then((source) => {
      this.known.set(key, source);
      this.loaded.fire(uri);
      return source;
    });
    this.files.set(key, reading);
    // A failure is not kept: the user may install the sources and try again.
    reading.catch(() => this.files.delete(key));
    return reading;
  }

  peek(uri: Uri): KernelSource | undefined {
    return this.known.get(uri.toString());
  }

  /** The words that a document of another release calls for; undefined once they were taken for its origin. */
  takeWarning(uri: Uri): string | undefined {
    const source = this.peek(uri);
    if (!source || source.match === "release" || this.warned.has(source.origin)) return undefined;
    this.warned.add(source.origin);
    return `Kernel source from ${source.origin}: ${source.message ?? "its release could not be compared with the running kernel's"}.`;
  }

  async stat(uri: Uri): Promise<FileStat> {
    const source = await this.forEditor(uri);
    return { type: FileType.File, ctime: 0, mtime: 0, size: Buffer.byteLength(source.text), permissions: FilePermission.Readonly };
  }

  async readFile(uri: Uri): Promise<Uint8Array> {
    return Buffer.from((await this.forEditor(uri)).text);
  }

  watch(): Disposable {
    return new Disposable(() => undefined);
  }

  readDirectory(): never {
    throw FileSystemError.Unavailable("only single files can be read");
  }

  createDirectory(): never {
    throw readOnly();
  }

  writeFile(): never {
    throw readOnly();
  }

  delete(): never {
    throw readOnly();
  }

  rename(): never {
    throw readOnly();
  }

  private async read({ host, build, file }: SourceAddress): Promise<KernelSource> {
    const state = this.hosts.get(host)?.state;
    if (state?.kind !== "connected") throw FileSystemError.Unavailable(`${host} is not connected. Connect to it, then open the file again.`);
    const running = buildName(state.facts);
    if (running !== build) throw FileSystemError.Unavailable(`${host} now runs ${running}; this document is of ${build}.`);
    return state.host.source(file);
  }

  private async forEditor(uri: Uri): Promise<KernelSource> {
    try {
      return await this.load(uri);
    } catch (error) {
      if (error instanceof FileSystemError) throw error;
      throw FileSystemError.Unavailable([describeError(error), adviceFor(error)].filter(Boolean).join(". "));
    }
  }
}

function addressOf(uri: Uri): SourceAddress {
  const address = parseSourcePath(uri.path);
  if (!address) throw FileSystemError.FileNotFound(uri);
  return address;
}

const readOnly = (): FileSystemError => FileSystemError.NoPermissions("kernel source is read-only");
