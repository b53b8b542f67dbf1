import type { Endianness } from "../../src/base/byteReader";

export interface BtfType {
  readonly kind: number;
  readonly name: string;
  /** Size, or the number of another type. */
  readonly target: number;
  /** Name first, then 32-bit values: for parameters the type, for enumerators the value (low, high), for fields type and offset. */
  readonly members?: readonly (readonly [name: string, ...values: number[]])[];
  /** 32-bit values of kinds without members. */
  readonly rest?: readonly number[];
}

/** A BTF file of these types; names are put in where they are first used, after those of `base`, whose file a module continues. */
export function btfFile(types: readonly BtfType[], endianness: Endianness, base: readonly BtfType[] = []): Uint8Array {
  const strings = new StringTable();
  for (const type of base) encode(type, strings);
  const own = strings.length;
  const words = types.flatMap((type) => encode(type, strings));
  const text = strings.bytes().subarray(base.length === 0 ? 0 : own);
  const bytes = new Uint8Array(24 + words.length * 4 + text.length);
  const view = new DataView(bytes.buffer);
  const little = endianness === "little";
  view.setUint16(0, 0xeb9f, little);
  view.setUint8(2, 1);
  [24, 0, words.length * 4, words.length * 4, text.length].forEach((word, index) => view.setUint32(4 + index * 4, word, little));
  words.forEach((word, index) => view.setUint32(24 + index * 4, word >>> 0, little));
  bytes.set(text, 24 + words.length * 4);
  return bytes;
}

function encode({ kind, name, target, members = [], rest = [] }: BtfType, strings: StringTable): readonly number[] {
  const list = members.flatMap(([member, ...values]) => [strings.add(member), ...values]);
  return [strings.add(name), (kind << 24) | members.length, target, ...rest, ...list];
}

class StringTable {
  private text = "\0";

  get length(): number {
    return this.text.length;
  }

  add(name: string): number {
    if (name === "") return 0;
    const at = this.text.indexOf(`\0${name}\0`);
    if (at >= 0) return at + 1;
    this.text += `${name}\0`;
    return this.text.length - name.length - 1;
  }

  bytes(): Uint8Array {
    return new TextEncoder().encode(this.text);
  }
}
