import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { CostCache } from "../base/costCache";
import { DomainError, describeError } from "../base/errors";
import type { ByteRange, InputFile } from "../elf/reading";
import type { RangeSource } from "./rangeSource";

/** A file that the driver can answer range requests from: at once when it is here, later when it is not. */
export interface OpenFile extends InputFile {
  /** Every read may cost a round trip: several at once are better than one after the other. */
  readonly isElsewhere: boolean;
  /** When it last changed, milliseconds since the epoch; undefined for what is elsewhere. */
  readonly modified?: number | undefined;
  read(ranges: readonly ByteRange[]): readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  close(): void | Promise<void>;
}

export const isOpenFile = (file: InputFile): file is OpenFile => "read" in file;

interface Span {
  readonly offset: number;
  readonly length: number;
}

/** Small reads fill whole blocks; the system's own cache makes larger ones of local files cheap. */
const localBlock = 0x4000;
const localBudget = 16 * 2 ** 20;
/** 24 frames of a vmlinux of 590 MB: 4.5 MB in 72 reads by blocks of 32 kB, 3.3 MB in 86 by 8 kB, 3.0 MB in 92 by 4 kB. */
const remoteBlock = 0x2000;
const remoteBudget = 64 * 2 ** 20;

/** @throws DomainError `symbolize/cannot-open` */
export function openLocalFile(path: string): OpenFile {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Error("it is not a regular file");
    return new LocalFile(path, stats.size, descriptor, stats.mtimeMs);
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    throw new DomainError("symbolize/cannot-open", `cannot open: ${describeError(error)}`, path, { cause: error });
  }
}

export const openRangeSource = (source: RangeSource): OpenFile => new RemoteFile(source);

class LocalFile implements OpenFile {
  private readonly blocks = new CostCache<number, Uint8Array>(localBudget);

  readonly isElsewhere = false;

  constructor(
    readonly name: string,
    readonly size: number,
    private readonly descriptor: number,
    readonly modified: number,
  ) {}

  read(ranges: readonly ByteRange[]): Uint8Array[] {
    return ranges.map((range) => (range.length >= localBlock || range.room ? this.fetch(range) : this.readSmall(range)));
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private readSmall(range: Span): Uint8Array {
    const at = range.offset % localBlock;
    // Nearly all lie in one block.
    if (at + range.length <= localBlock && range.length > 0) return this.blockAt((range.offset - at) / localBlock).subarray(at, at + range.length);
    return assemble(range, localBlock, (block) => this.blockAt(block));
  }

  private blockAt(block: number): Uint8Array {
    const known = this.blocks.get(block);
    if (known) return known;
    const bytes = this.fetch({ offset: block * localBlock, length: Math.min(localBlock, this.size - block * localBlock) });
    this.blocks.set(block, bytes, bytes.length);
    return bytes;
  }

  private fetch({ offset, length, room }: Pick<ByteRange, "offset" | "length" | "room">): Uint8Array {
    // New memory is not filled with zeros first: every byte is read, or this fails.
    const bytes = room ? room.subarray(0, length) : new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
    for (let done = 0; done < length; ) {
      const count = readSync(this.descriptor, bytes, done, length - done, offset + done);
      if (count === 0) throw truncated(this.name, offset + done);
      done += count;
    }
    return bytes;
  }
}

class RemoteFile implements OpenFile {
  private readonly blocks = new CostCache<number, Uint8Array>(remoteBudget);

  readonly isElsewhere = true;

  constructor(private readonly source: RangeSource) {}

  get name(): string {
    return this.source.name;
  }

  get size(): number {
    return this.source.size;
  }

  async read(ranges: readonly ByteRange[]): Promise<Uint8Array[]> {
    // What this request needs stays referenced here, however small the cache.
    const held = new Map<number, Uint8Array>();
    const missing: number[] = [];
    for (const block of new Set(ranges.flatMap((range) => blocksOf(range, remoteBlock)))) {
      const known = this.blocks.get(block);
      if (known) held.set(block, known);
      else missing.push(block);
    }
    // All at once: the transport pipelines them.
    await Promise.all(runsOf(missing).map((run) => this.fetch(run, held)));
    return ranges.map((range) => assemble(range, remoteBlock, (block) => held.get(block) ?? new Uint8Array()));
  }

  close(): Promise<void> {
    return this.source.close();
  }

  private async fetch({ offset, length }: Span, into: Map<number, Uint8Array>): Promise<void> {
    const start = offset * remoteBlock;
    const wanted = Math.min(length * remoteBlock, this.size - start);
    const bytes = await this.source.read(start, wanted);
    if (bytes.length < wanted) throw truncated(this.name, start + bytes.length);
    for (let index = 0; index < length; index++) {
      const block = bytes.subarray(index * remoteBlock, (index + 1) * remoteBlock);
      into.set(offset + index, block);
      this.blocks.set(offset + index, block, block.length);
    }
  }
}

function blocksOf({ offset, length }: Span, size: number): number[] {
  const first = Math.floor(offset / size);
  const count = length === 0 ? 0 : Math.floor((offset + length - 1) / size) - first + 1;
  return Array.from({ length: count }, (_, index) => first + index);
}

/** Neighbouring blocks as one span, counted in blocks. */
function runsOf(blocks: readonly number[]): Span[] {
  const runs: { offset: number; length: number }[] = [];
  for (const block of [...blocks].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && last.offset + last.length === block) last.length++;
    else runs.push({ offset: block, length: 1 });
  }
  return runs;
}

function assemble(range: Span, size: number, blockAt: (block: number) => Uint8Array): Uint8Array {
  const blocks = blocksOf(range, size);
  const first = (blocks[0] ?? 0) * size;
  if (blocks.length === 1) return blockAt(blocks[0] ?? 0).subarray(range.offset - first, range.offset - first + range.length);
  const bytes = new Uint8Array(range.length);
  for (const block of blocks) {
    const start = block * size - range.offset;
    const piece = blockAt(block).subarray(Math.max(0, -start), range.length - start);
    bytes.set(piece, Math.max(0, start));
  }
  return bytes;
}

const truncated = (name: string, offset: number): DomainError =>
  new DomainError("elf/truncated", `the file ended at 0x${offset.toString(16)} while it was read`, name);
