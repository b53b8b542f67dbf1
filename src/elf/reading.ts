import { DomainError } from "../base/errors";

/**
 * Parsers do no I/O. A parser that needs bytes is a generator: it yields the ranges it wants next, all
 * at once when they do not depend on each other, and is resumed with their bytes in the same order.
 * Whoever drives it decides where bytes come from: a local file, a file of the target, a buffer.
 */
export type Reading<T> = Generator<readonly ByteRange[], T, readonly Uint8Array[]>;

/** What a parser knows of the file it reads. The driver knows how to read it. */
export interface InputFile {
  /** A path or `host:path`, for messages. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

export interface ByteRange {
  readonly file: InputFile;
  readonly offset: number;
  readonly length: number;
  /** Memory that the driver may read into: who asks again and again spares the making of it. It is of `length` at least, and nobody else's. */
  readonly room?: Uint8Array;
}

/** @throws DomainError `elf/truncated` when the range is not inside of the file. */
export function checkRange(range: ByteRange): ByteRange {
  const { file, offset, length } = range;
  if (!(offset >= 0 && length >= 0 && offset + length <= file.size)) {
    const message = `${length} bytes wanted at 0x${offset.toString(16)}, but the file ends at 0x${file.size.toString(16)}`;
    throw new DomainError("elf/truncated", message, file.name);
  }
  return range;
}

export function* readRanges(ranges: readonly ByteRange[]): Reading<readonly Uint8Array[]> {
  if (ranges.length === 0) return [];
  return yield ranges.map(checkRange);
}

export function* readRange(file: InputFile, offset: number, length: number): Reading<Uint8Array> {
  const [bytes] = yield* readRanges([{ file, offset, length }]);
  return bytes ?? new Uint8Array();
}
