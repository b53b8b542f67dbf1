import type { TargetFile } from "../target/target";

/** A file that is read in place by ranges, wherever it is. */
export interface RangeSource {
  /** For messages: `host:/usr/lib/debug/…`. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Exactly `length` bytes, fewer only at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export const targetFileSource = (host: string, file: TargetFile): RangeSource => ({
  name: `${host}:${file.path}`,
  size: file.size,
  read: (offset, length) => file.read(offset, length),
  close: () => file.close(),
});

export const memorySource = (name: string, bytes: Uint8Array): RangeSource => ({
  name,
  size: bytes.length,
  read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
  close: () => Promise.resolve(),
});

/** A file that is opened at the first read; its name and size are known before. */
export function lazySource(name: string, size: number, open: () => Promise<RangeSource>): RangeSource {
  let opened: Promise<RangeSource> | undefined;
  const source = (): Promise<RangeSource> => {
    opened ??= open();
    opened.catch(() => (opened = undefined));
    return opened;
  };
  return {
    name,
    size,
    read: async (offset, length) => (await source()).read(offset, length),
    close: async () => {
      const closing = opened;
      opened = undefined;
      await (await closing?.catch(() => undefined))?.close();
    },
  };
}
