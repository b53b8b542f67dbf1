import { DomainError } from "./errors";

export type Endianness = "little" | "big";

const utf8 = new TextDecoder("utf-8");

/**
 * A cursor over bytes of one endianness, that of the machine the bytes come from. Every read is
 * bounds-checked and names `where` and the offset when it fails, so a parser never has to.
 *
 * `base` is the offset of `bytes[0]` in the file or section; it appears in errors and nowhere else.
 */
export class ByteReader {
  private readonly view: DataView;
  private readonly little: boolean;

  constructor(
    readonly bytes: Uint8Array,
    readonly endianness: Endianness,
    readonly where: string,
    public offset = 0,
    readonly base = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.little = endianness === "little";
  }

  get length(): number {
    return this.bytes.length;
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  get done(): boolean {
    return this.offset >= this.bytes.length;
  }

  seek(offset: number): this {
    if (offset < 0 || offset > this.bytes.length) throw this.error(`offset ${offset} is outside of ${this.bytes.length} bytes`);
    this.offset = offset;
    return this;
  }

  skip(count: number): this {
    this.advance(count);
    return this;
  }

  u8(): number {
    const byte = this.bytes[this.offset];
    if (byte === undefined) throw this.error("1 byte wanted, none left");
    this.offset++;
    return byte;
  }

  i8(): number {
    return this.view.getInt8(this.advance(1));
  }

  u16(): number {
    return this.view.getUint16(this.advance(2), this.little);
  }

  u24(): number {
    const at = this.advance(3);
    const [a, b, c] = [this.view.getUint8(at), this.view.getUint8(at + 1), this.view.getUint8(at + 2)];
    return this.little ? a | (b << 8) | (c << 16) : (a << 16) | (b << 8) | c;
  }

  u32(): number {
    return this.view.getUint32(this.advance(4), this.little);
  }

  i32(): number {
    return this.view.getInt32(this.advance(4), this.little);
  }

  u64(): bigint {
    return this.view.getBigUint64(this.advance(8), this.little);
  }

  i64(): bigint {
    return this.view.getBigInt64(this.advance(8), this.little);
  }

  /** An unsigned 64-bit value that must fit a number (an offset, a size, a count). */
  size64(): number {
    const value = this.u64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw this.error(`size ${value} is too large`);
    return Number(value);
  }

  /** An unsigned 64-bit value as the nearest number: exact up to 2^53. */
  u64Number(): number {
    const at = this.advance(8);
    const first = this.view.getUint32(at, this.little);
    const second = this.view.getUint32(at + 4, this.little);
    return this.little ? second * 0x1_0000_0000 + first : first * 0x1_0000_0000 + second;
  }

  /** Unsigned LEB128 that must fit a safe integer. */
  uleb(): number {
    const first = this.bytes[this.offset];
    if (first !== undefined && first < 0x80) {
      this.offset++;
      return first;
    }
    const second = this.bytes[this.offset + 1];
    if (first !== undefined && second !== undefined && second < 0x80) {
      this.offset += 2;
      return (first & 0x7f) | (second << 7);
    }
    let result = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.u8();
      if (factor > 2 ** 70) throw this.error("LEB128 value is longer than 64 bits");
      result += (byte & 0x7f) * factor;
      if (result > Number.MAX_SAFE_INTEGER) throw this.error("LEB128 value is too large");
      if (byte < 0x80) return result;
    }
  }

  skipLeb(): void {
    while (this.u8() >= 0x80);
  }

  uleb64(): bigint {
    let result = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.u8();
      if (shift > 63n) throw this.error("LEB128 value is longer than 64 bits");
      result |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, result);
    }
  }

  /** Signed LEB128, wrapped to 64 bits, as a number (it must be safe). */
  sleb(): number {
    const start = this.offset;
    let result = 0;
    for (let shift = 0; shift < 28; ) {
      const byte = this.u8();
      result |= (byte & 0x7f) << shift;
      shift += 7;
      // The sign bit is the top one of those read: move it to the top of the word and back.
      if (byte < 0x80) return (result << (32 - shift)) >> (32 - shift);
    }
    this.offset = start;
    return this.longSleb();
  }

  private longSleb(): number {
    let result = 0n;
    for (let shift = 0n; ; ) {
      const byte = this.u8();
      if (shift > 63n) throw this.error("LEB128 value is longer than 64 bits");
      result |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte < 0x80) return Number(BigInt.asIntN(64, byte & 0x40 ? result - (1n << shift) : result));
    }
  }

  take(count: number): Uint8Array {
    const at = this.advance(count);
    return this.bytes.subarray(at, at + count);
  }

  /** UTF-8 up to a NUL, which is consumed. */
  cstring(): string {
    const end = this.bytes.indexOf(0, this.offset);
    if (end < 0) throw this.error("string without an end");
    const text = utf8.decode(this.bytes.subarray(this.offset, end));
    this.offset = end + 1;
    return text;
  }

  error(message: string, code = "bytes/out-of-bounds"): DomainError {
    return new DomainError(code, message, `${this.where}+0x${(this.base + this.offset).toString(16)}`);
  }

  private advance(count: number): number {
    const at = this.offset;
    if (count < 0 || count > this.bytes.length - at) throw this.error(`${count} bytes wanted, ${this.bytes.length - at} left`);
    this.offset = at + count;
    return at;
  }
}
