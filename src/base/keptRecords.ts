import { nativeWordsOf } from "./words";

/** Bytes by number that outlive the process, such as the parts of an index. */
export interface KeptRecords {
  /** Bytes of a record; undefined when there is none. */
  length(key: number): number | undefined;
  /** Some bytes of a record, whose soundness the caller has to see to; undefined when there are none. Aligned to 8 bytes. */
  part(key: number, offset: number, length: number): Uint8Array | undefined;
  /** Keeps it, or does not: nothing may depend on it. At most `largestRecord` bytes. */
  put(key: number, bytes: Uint8Array): void;
}

export const largestRecord = 1 << 21;

/** Before the content: the record's own number and length, so that no other can be taken for it. */
const headBytes = 8;

/** Puts a record with its own number before its content, twice: two copies are compared natively, where a sum is a loop that nothing has compiled yet. */
export function putRecord(records: KeptRecords, key: number, content: Uint8Array): void {
  const half = headBytes + Math.ceil(content.length / headBytes) * headBytes;
  const record = new Uint8Array(2 * half);
  new Uint32Array(record.buffer, 0, 2).set([key, content.length]);
  record.set(content, headBytes);
  record.copyWithin(half, 0, half);
  records.put(key, record);
}

/** The content of a record, aligned to 8 bytes; undefined when there is none, it is damaged, or another's. */
export function getRecord(records: KeptRecords, key: number): Uint8Array | undefined {
  const record = records.part(key, 0, records.length(key) ?? 0);
  if (!record || record.length < 2 * headBytes) return undefined;
  const half = record.length / 2;
  const [own, length = 0] = new Uint32Array(record.buffer, record.byteOffset, 2);
  const isSound = own === key && length <= half - headBytes && Buffer.from(record.buffer, record.byteOffset, half).equals(record.subarray(half));
  return isSound ? record.subarray(headBytes, headBytes + length) : undefined;
}

/** A sum over bytes that finds damage. It is for small pieces: loading what does this natively takes longer. */
export function sumOf(bytes: Uint8Array, seed = 0): number {
  const words = nativeWordsOf(bytes);
  // The factor is odd, so whatever changes one word changes the sum; a word counts by its place.
  let sum = Math.imul(seed, 0x9e37_79b1) ^ bytes.length;
  for (let index = 0; index < words.length; index++) sum = (Math.imul(sum, 31) + (words[index] ?? 0)) | 0;
  for (let index = words.length * 4; index < bytes.length; index++) sum = (Math.imul(sum, 31) + (bytes[index] ?? 0)) | 0;
  return sum >>> 0;
}
