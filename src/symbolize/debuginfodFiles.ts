import type { BuildId } from "../base/brands";
import type { DebuginfodClient, Peek } from "../debuginfod/debuginfodClient";
import { SectionedFile } from "../debuginfod/sectionedFile";
import type { BlockStore } from "./blockStore";
import { cachedSource } from "./cachedSource";
import { openLocalFile } from "./openFile";
import type { RangeSource } from "./rangeSource";

/** What a server gave, in the cheapest way that it knows. */
export interface ServerFile {
  readonly origin: string;
  /** A path in debuginfod's cache, or what is read from the server. */
  readonly file: string | RangeSource;
  /** To inspect it. */
  readonly source: RangeSource;
}

/** Enough for the headers at a file's start. */
const peekBytes = 4096;
/** What is smaller comes whole at once: parts of it would cost as much. */
const wholeBytes = 4 * 2 ** 20;

/**
 * The debuginfo of a build: by ranges where the server has them; a kernel by sections; else whole, after the client said its size.
 *
 * @throws DomainError `debuginfod/…`
 */
export async function askServers(client: DebuginfodClient, id: BuildId, { kind, blocks }: { readonly kind: "kernel" | "module"; readonly blocks: BlockStore | undefined }): Promise<ServerFile | undefined> {
  const peek = await client.peek(id, { kind: "debuginfo" }, peekBytes);
  if (!peek) return undefined;
  const parts = (peek.size ?? Infinity) <= wholeBytes ? undefined : ((await byRanges(client, id, peek, blocks)) ?? (kind === "kernel" ? await bySections(client, id, peek) : undefined));
  if (parts) return { origin: parts.name, file: parts, source: parts };
  const path = await client.file(id, { kind: "debuginfo" }, [peek.server]);
  return path === undefined ? undefined : { origin: peek.url, file: path, source: localSource(path) };
}

function byRanges(client: DebuginfodClient, id: BuildId, peek: Peek, blocks: BlockStore | undefined): Promise<RangeSource | undefined> {
  if (!peek.ranges || peek.size === undefined) return Promise.resolve(undefined);
  const file = client.ranged(peek, peek.size);
  const kept = blocks?.open(`${id}-${peek.size.toString(16)}`);
  return Promise.resolve(kept ? cachedSource(file, kept) : file);
}

const bySections = (client: DebuginfodClient, id: BuildId, peek: Peek): Promise<RangeSource | undefined> => SectionedFile.open(client, id, peek);

function localSource(path: string): RangeSource {
  const file = openLocalFile(path);
  return {
    name: path,
    size: file.size,
    read: async (offset, length) => (await file.read([{ file, offset, length }]))[0] ?? new Uint8Array(),
    close: async () => file.close(),
  };
}
