import { nativeWordsOf } from "./words";

/** Bytes by number that outlive the process, such as the parts of an index. */
export interface KeptRecords {
  /** undefined when there is none, or it is damaged. Aligned to 8 bytes. */
  get(key: number): Uint8Array | undefined;
  /** Some bytes of a record, whose soundness the caller has to see to; undefined when there are none. Aligned to 8 bytes. */
  part(key: number, offset: number, length: number): Uint8Array | undefined;
  /** Keeps it, or does not: nothing may depend on it. At most `largestRecord` bytes. */
  put(key: number, bytes: Uint8Array): void;
}

export const largestRecord = 1 << 20;

/** Before the content: the record's own number and length, so that no other can be taken for it. */
const headBytes = 8;

/** Puts a record with its own number before its content. */
export function putRecord(records: KeptRecords, key: number, content: Uint8Array): void {
  const record = new Uint8Array(headBytes + content.length);
  new Uint32Array(record.buffer, 0, 2).set([key, content.length]);
  record.set(content, headBytes);
  records.put(key, record);
}

/** The content of a record; undefined when there is none, or it is another's. */
export function getRecord(records: KeptRecords, key: number): Uint8Array | undefined {
  const record = records.get(key);
  if (!record || record.length < headBytes) return undefined;
  const [own, length] = new Uint32Array(record.buffer, record.byteOffset, 2);
  return own === key && length === record.length - headBytes ? record.subarray(headBytes) : undefined;
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
