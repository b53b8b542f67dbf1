/** What the fetch arguments of a probe printed, by their names: Documentation/trace/kprobetrace.rst. What could not be read is `(fault)`. */
import type { Endianness } from "../../base/byteReader";

export type FetchedFields = ReadonlyMap<string, string>;

/** 0 for what is no safe integer. */
export function numberOf(fields: FetchedFields, name: string): number {
  const value = Number(fields.get(name));
  return Number.isSafeInteger(value) ? value : 0;
}

/** Of an `x64`. undefined when it was not fetched. */
export function pointerOf(fields: FetchedFields, name: string): bigint | undefined {
  const text = fields.get(name) ?? "";
  return /^0x[0-9a-f]{1,16}$/.test(text) ? BigInt(text) : undefined;
}

/** The two arguments that fetch sixteen bytes, by what stands before and behind the offset. */
export const fetchHalves = (name: string, at: (behind: number) => string): readonly string[] => [`${name}=${at(0)}:x64`, `${name}end=${at(8)}:x64`];

/** Sixteen bytes of two halves. undefined when they were not fetched. */
export function halvesOf(fields: FetchedFields, name: string, endianness: Endianness): Uint8Array | undefined {
  const view = new DataView(new ArrayBuffer(16));
  for (const [at, half] of [name, `${name}end`].entries()) {
    const value = pointerOf(fields, half);
    if (value === undefined) return undefined;
    view.setBigUint64(8 * at, value, endianness === "little");
  }
  return new Uint8Array(view.buffer);
}
