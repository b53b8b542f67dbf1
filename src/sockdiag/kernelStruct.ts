/** Structures that kernels only ever append to: read field by field for as long as the received bytes last. */
import type { ByteReader } from "../base/byteReader";

export type Width = 8 | 16 | 32 | 64;
/** A field without a name is padding. */
export type Field = readonly [name: string, width: Width];
/** 64-bit values as decimal strings. */
export type StructValues = Record<string, number | string>;

/** Several fields of one width, their names with spaces between. */
export const fieldsOf = (width: Width, names: string): Field[] => names.split(" ").map((name) => [name, width] as const);

export const sizeOf = (fields: readonly Field[]): number => fields.reduce((sum, [, width]) => sum + width / 8, 0);

/** Into `values`, names behind `prefix`; what follows the last field is counted and kept in hex as `unknown_tail`. */
export function readFields(reader: ByteReader, fields: readonly Field[], prefix: string, values: StructValues): void {
  for (const [name, width] of fields) {
    if (reader.remaining < width / 8) return;
    const value = readField(reader, width);
    if (name !== "") values[prefix + name] = value;
  }
  if (reader.remaining === 0) return;
  values["unknown_tail_bytes"] = reader.remaining;
  values["unknown_tail"] = Buffer.from(reader.take(reader.remaining)).toString("hex");
}

function readField(reader: ByteReader, width: Width): number | string {
  switch (width) {
    case 8: return reader.u8();
    case 16: return reader.u16();
    case 32: return reader.u32();
    case 64: return reader.u64().toString();
  }
}
