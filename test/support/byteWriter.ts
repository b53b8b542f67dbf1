import type { Endianness } from "../../src/base/byteReader";

/** Writes numbers of one byte order; the counterpart of ByteReader for tests. */
export class ByteWriter {
  private readonly bytes: number[] = [];

  constructor(readonly endianness: Endianness = "little") {}

  get length(): number {
    return this.bytes.length;
  }

  u8(value: number): this {
    this.bytes.push(value & 0xff);
    return this;
  }

  u16(value: number): this {
    return this.int(BigInt(value), 2);
  }

  u32(value: number): this {
    return this.int(BigInt(value), 4);
  }

  u64(value: bigint | number): this {
    return this.int(BigInt(value), 8);
  }

  /** An integer of a number of bytes, wrapped to them. */
  int(value: bigint, size: number): this {
    const raw = BigInt.asUintN(size * 8, value);
    const parts = Array.from({ length: size }, (_, index) => Number((raw >> BigInt(8 * index)) & 0xffn));
    this.bytes.push(...(this.endianness === "little" ? parts : parts.reverse()));
    return this;
  }

  uleb(value: bigint | number): this {
    for (let rest = BigInt(value); ; ) {
      const byte = Number(rest & 0x7fn);
      rest >>= 7n;
      this.u8(rest === 0n ? byte : byte | 0x80);
      if (rest === 0n) return this;
    }
  }

  sleb(value: bigint | number): this {
    for (let rest = BigInt(value); ; ) {
      const byte = Number(rest & 0x7fn);
      rest >>= 7n;
      const last = (rest === 0n && !(byte & 0x40)) || (rest === -1n && byte & 0x40);
      this.u8(last ? byte : byte | 0x80);
      if (last) return this;
    }
  }

  cstring(text: string): this {
    return this.raw(Buffer.from(`${text}\0`));
  }

  raw(bytes: Iterable<number>): this {
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }

  align(size: number): this {
    while (this.bytes.length % size !== 0) this.bytes.push(0);
    return this;
  }

  /** Overwrites what was written at a place. */
  patch(at: number, value: bigint | number, size: number): this {
    const patch = new ByteWriter(this.endianness).int(BigInt(value), size);
    this.bytes.splice(at, size, ...patch.bytes);
    return this;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.bytes);
  }
}
