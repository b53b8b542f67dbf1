/** SK_MEMINFO_*, include/uapi/linux/sock_diag.h: memory of a socket, words in a fixed order that only grows. */
import type { ByteReader } from "../base/byteReader";

const names = ["rmem_alloc", "rcvbuf", "wmem_alloc", "sndbuf", "fwd_alloc", "wmem_queued", "optmem", "backlog", "drops"] as const;

/** By lower-case name, bytes but for `drops`; words newer than known as `word9`… */
export const readSkMemory = (reader: ByteReader): Record<string, number> => readWords(reader, names);

/** Unsigned words until the bytes end. */
export function readWords(reader: ByteReader, wordNames: readonly string[]): Record<string, number> {
  const result: Record<string, number> = {};
  for (let i = 0; reader.remaining >= 4; i++) result[wordNames[i] ?? `word${i}`] = reader.u32();
  return result;
}
