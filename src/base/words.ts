import type { Endianness } from "./byteReader";

export const hostIsLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Bytes as 32-bit words of this machine, whole words only: in place where order and alignment allow it, else a copy. */
export function wordsOf(bytes: Uint8Array, endianness: Endianness): Uint32Array {
  const length = bytes.length >>> 2;
  const isNative = (endianness === "little") === hostIsLittle;
  if (isNative && bytes.byteOffset % 4 === 0) return new Uint32Array(bytes.buffer, bytes.byteOffset, length);
  const copy = bytes.slice(0, length * 4);
  if (!isNative) Buffer.from(copy.buffer).swap32();
  return new Uint32Array(copy.buffer);
}

/** The same, signed. */
export function signedWordsOf(bytes: Uint8Array, endianness: Endianness): Int32Array {
  const words = wordsOf(bytes, endianness);
  return new Int32Array(words.buffer, words.byteOffset, words.length);
}

/** Bytes as signed words whose order of bytes does not matter. */
export const nativeWordsOf = (bytes: Uint8Array): Int32Array => signedWordsOf(bytes, hostIsLittle ? "little" : "big");
