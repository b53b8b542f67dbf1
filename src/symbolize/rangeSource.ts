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
