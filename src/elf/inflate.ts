import { Decompress } from "fzstd";
import { withinTime } from "../base/withinTime";
import { ELFCOMPRESS } from "./elfConstants";

/** Whether the start of a packed section can be inflated without the rest of it. */
export const inflatesPrefix = (algorithm: number): boolean => algorithm === ELFCOMPRESS.ZLIB;

export const isKnownCompression = (algorithm: number): boolean => algorithm === ELFCOMPRESS.ZLIB || algorithm === ELFCOMPRESS.ZSTD;

/** How much is made of a byte; debug information takes two to four times its packed size. */
const usualRatio = 6;

/**
 * What packed bytes give; a prefix of them gives a prefix where `inflatesPrefix`. Throws when they are damaged.
 *
 * @param size bytes of the whole section inflated; more can only come from damaged input
 */
export function inflate(algorithm: number, packed: Uint8Array, size: number): Uint8Array {
  // Only when it is needed: loading it takes as long as a lookup.
  const zlib = process.getBuiltinModule("node:zlib");
  // Into one piece, if it is packed as well as is usual: joining many takes a fifth as long as inflating.
  const options = { maxOutputLength: Math.max(1, size), chunkSize: Math.max(64, Math.min(size, usualRatio * packed.length)) };
  if (algorithm === ELFCOMPRESS.ZLIB) return zlib.inflateSync(packed, { ...options, finishFlush: zlib.constants.Z_SYNC_FLUSH });
  // Newer Node has native code for zstd.
  if ("zstdDecompressSync" in zlib) return (zlib.zstdDecompressSync as (bytes: Uint8Array, own: typeof options) => Uint8Array)(packed, options);
  return unzstd(packed, size);
}

/** Far more than the slowest machine needs; a table of weights that takes no bits leads the package round and round for ever. */
const unzstdLimitMs = (size: number): number => 10_000 + size / 1000;

/** Piece by piece, so that damaged bytes cannot ask for more memory than the section may have. */
function unzstd(packed: Uint8Array, limit: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  let total = 0;
  const stream = new Decompress((piece) => {
    total += piece.length;
    if (total > limit) throw new Error(`more than ${limit} bytes`);
    pieces.push(piece);
  });
  withinTime(() => {
    stream.push(packed, true);
  }, unzstdLimitMs(limit));
  return Buffer.concat(pieces);
}
