import assert from "node:assert/strict";
import fc from "fast-check";
import type { Endianness } from "../../../src/base/byteReader";
import { addressArgument } from "../../../src/collectors/traces/addressArgument";

/** The eight words in which a machine keeps these bytes. */
function wordsOf(bytes: Uint8Array, endianness: Endianness): bigint[] {
  const view = new DataView(new ArrayBuffer(64));
  new Uint8Array(view.buffer).set(bytes.subarray(0, 64));
  return Array.from({ length: 8 }, (_, index) => view.getBigUint64(8 * index, endianness === "little"));
}

for (const endianness of ["little", "big"] as const) {
  const check = (expected: string | undefined, family: number, ...rest: readonly number[]): void => {
    const head = endianness === "little" ? [family & 255, family >> 8] : [family >> 8, family & 255];
    assert.equal(addressArgument(wordsOf(Uint8Array.from([...head, ...rest]), endianness), endianness), expected);
  };
  const text = (words: string): readonly number[] => [...Buffer.from(words)];

  describe(`addresses of sockets (${endianness} endian)`, () => {
    it("of IPv4 and IPv6, with the port", () => {
      check("192.0.2.1:80", 2, 0, 80, 192, 0, 2, 1);
      check("[2001:db8::1]:8080", 10, 0x1f, 0x90, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 9);
    });
    it("of UNIX: a path, an abstract name, none, and one too long to be printed", () => {
      check("/run/app.sock", 1, ...text("/run/app.sock"));
      check("@name", 1, 0, ...text("name"));
      check("(unnamed)", 1);
      check(`${"x".repeat(62)}…`, 1, ...text("x".repeat(100)));
    });
    it("of none, of another family, and what could not be read", () => {
      check("AF_UNSPEC", 0, 0, 0, 1);
      check("address of family 16", 16, 0, 0, 7);
      check(undefined, 0);
    });
    it("never throws", () => fc.assert(fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (bytes) => void addressArgument(wordsOf(bytes, endianness), endianness))));
  });
}
