import { closeSync, existsSync, fstatSync, futimesSync, mkdirSync, openSync, readdirSync, readSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { largestRecord, type KeptRecords } from "../base/keptRecords";

/**
 * Blocks of files that lie elsewhere, kept on this machine. One file for each build id, to which records are only ever added: a
 * header of 16 bytes (mark, number of the block, length, sum of the bytes, CRC-32 or another; little-endian) and the bytes. A record
 * is written by one call on a descriptor opened for appending, so two windows may add to one file; a block that
 * is in it twice does no harm. What follows a damaged header is not used, and a block whose sum is wrong is as good as none.
 */
export class BlockStore {
  /**
   * @param budget bytes of all files together whenever one is opened; the ones that were not used for longest go first. One that is open may then grow to
   *   a quarter of it; one that another window removes meanwhile goes on to be read, and is gone with its reader
   */
  constructor(
    private readonly folder: string,
    private readonly budget = 1 << 30,
    /** Of a block's bytes, 32 bits. */
    private readonly sum: (bytes: Uint8Array) => number = crc32,
  ) {}

  /** undefined when the folder cannot be written to: then nothing is kept. `key` becomes a file name. */
  open(key: string): BlockFile | undefined {
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      this.makeRoom(key);
      return this.file(key);
    } catch {
      return undefined;
    }
  }

  /** The same, if it is there already; nothing is made or dropped. */
  openExisting(key: string): BlockFile | undefined {
    try {
      return existsSync(join(this.folder, key)) ? this.file(key) : undefined;
    } catch {
      return undefined;
    }
  }

  private file(key: string): BlockFile {
    return new BlockFile(join(this.folder, key), Math.floor(this.budget / 4), this.sum);
  }

  private makeRoom(except: string): void {
    const files = readdirSync(this.folder)
      .map((name) => ({ name, stats: statSync(join(this.folder, name), { throwIfNoEntry: false }) }))
      .flatMap(({ name, stats }) => (stats?.isFile() ? [{ name, size: stats.size, used: stats.mtimeMs }] : []));
    let total = files.reduce((sum, { size }) => sum + size, 0);
    for (const { name, size } of files.filter((file) => file.name !== except).sort((a, b) => a.used - b.used)) {
      if (total <= this.budget) return;
      // Another window may have been quicker.
      rmSync(join(this.folder, name), { force: true });
      total -= size;
    }
  }
}

const mark = 0x314b_4c42; // "BLK1"
const headerSize = 16;
const largestBlock = largestRecord;

/** Loaded only where something is kept: it takes a while. */
const crc32 = (bytes: Uint8Array): number => process.getBuiltinModule("node:zlib").crc32(bytes);

export class BlockFile implements KeptRecords {
  private readonly descriptor: number;
  private readonly places = new Map<number, { readonly offset: number; readonly length: number; readonly sum: number }>();
  private scanned = 0;
  private closed = false;

  constructor(
    path: string,
    private readonly limit: number,
    private readonly sumOf: (bytes: Uint8Array) => number,
  ) {
    this.descriptor = openSync(path, "a+", 0o600);
    // Not by its path: another window may just have removed it to make room.
    futimesSync(this.descriptor, new Date(), new Date());
    this.scan();
  }

  /** Blocks that can be read. */
  get size(): number {
    return this.places.size;
  }

  get(block: number): Uint8Array | undefined {
    const place = this.places.get(block);
    if (!place) return undefined;
    const bytes = new Uint8Array(place.length);
    if (readSync(this.descriptor, bytes, 0, place.length, place.offset) === place.length && this.sumOf(bytes) === place.sum) return bytes;
    this.places.delete(block);
    return undefined;
  }

  length(block: number): number | undefined {
    return this.places.get(block)?.length;
  }

  part(block: number, offset: number, length: number): Uint8Array | undefined {
    const place = this.places.get(block);
    if (!place || offset + length > place.length) return undefined;
    const bytes = new Uint8Array(length);
    return readSync(this.descriptor, bytes, 0, length, place.offset + offset) === length ? bytes : undefined;
  }

  put(block: number, bytes: Uint8Array): void {
    if (this.closed || this.places.has(block) || bytes.length === 0 || bytes.length > largestBlock) return;
    const record = Buffer.alloc(headerSize + bytes.length);
    record.writeUInt32LE(mark, 0);
    record.writeUInt32LE(block, 4);
    record.writeUInt32LE(bytes.length, 8);
    record.writeUInt32LE(this.sumOf(bytes), 12);
    record.set(bytes, headerSize);
    try {
      if (fstatSync(this.descriptor).size + record.length > this.limit) return;
      writeSync(this.descriptor, record);
      this.scan();
    } catch {
      // A full disk: the block is fetched again next time.
    }
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.places.clear();
    closeSync(this.descriptor);
  }

  /** Takes in the records added since, by us or by another window. */
  private scan(): void {
    const header = Buffer.alloc(headerSize);
    const end = fstatSync(this.descriptor).size;
    while (this.scanned + headerSize <= end && readSync(this.descriptor, header, 0, headerSize, this.scanned) === headerSize) {
      const length = header.readUInt32LE(8);
      const offset = this.scanned + headerSize;
      if (header.readUInt32LE(0) !== mark || length === 0 || length > largestBlock || offset + length > end) return;
      this.places.set(header.readUInt32LE(4), { offset, length, sum: header.readUInt32LE(12) });
      this.scanned = offset + length;
    }
  }
}
