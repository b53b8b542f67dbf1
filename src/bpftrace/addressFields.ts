/** Addresses and names in records: bpftrace prints four bytes as an IPv4 address, and what is longer as numbers, since no type says to its old versions how long it is. */
import { ipv6Text } from "../base/addressText";
import type { Endianness } from "../base/byteReader";
import { rememberedText } from "../base/remembered";
import type { Field } from "./recordProgram";
import type { TraceRecord } from "./traceRecord";

/** @param at the four or eight bytes that lie so many bytes behind the start */
export const addressFields = (name: string, version: 4 | 6, at: (behind: number) => string): readonly Field[] =>
  version === 4 ? [[name, "%s", `ntop(${at(0)})`]] : wordFields(name, at);

/** Sixteen bytes of whatever. */
export const wordFields = (name: string, at: (behind: number) => string): readonly Field[] => [[name, "%llx", at(0)], [`${name}end`, "%llx", at(8)]];

/** Empty for a record without it. */
export function addressOf(record: TraceRecord, name: string, version: 4 | 6, endianness: Endianness): string {
  if (version === 4) return record.text(name);
  const words = `${record.text(name)}|${record.text(`${name}end`)}`;
  return words === "|" ? "" : addressTexts[endianness](words);
}

/** The text before the first zero byte. Empty for a record without it. */
export const nameOf = (record: TraceRecord, name: string, endianness: Endianness): string => names[endianness](`${record.text(name)}|${record.text(`${name}end`)}`);

/** Two words in hexadecimal digits → their sixteen bytes as they lie in memory. */
function bytesOf(words: string, endianness: Endianness): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  for (const [index, word] of words.split("|").entries()) if (/^[0-9a-f]{1,16}$/.test(word)) view.setBigUint64(8 * index, BigInt(`0x${word}`), endianness === "little");
  return new Uint8Array(view.buffer);
}

// Of a flood: few addresses and fewer names, each in many records.
const remembering = (read: (bytes: Uint8Array) => string): Readonly<Record<Endianness, (words: string) => string>> => ({
  little: rememberedText(10_000, (words) => read(bytesOf(words, "little"))),
  big: rememberedText(10_000, (words) => read(bytesOf(words, "big"))),
});

const addressTexts = remembering(ipv6Text);
const names = remembering((bytes) => Buffer.from(bytes).toString("latin1").split("\0", 1)[0] ?? "");
