import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteReader } from "../../src/base/byteReader";

const reader = (bytes: readonly number[], endianness: "little" | "big" = "little"): ByteReader =>
  new ByteReader(Uint8Array.from(bytes), endianness, "test");

describe("ByteReader", () => {
  it("reads in the byte order it was given", () => {
    const bytes = [1, 2, 3, 4, 5, 6, 7, 8];
    assert.equal(reader(bytes).u16(), 0x0201);
    assert.equal(reader(bytes, "big").u16(), 0x0102);
    assert.equal(reader(bytes).u24(), 0x030201);
    assert.equal(reader(bytes, "big").u24(), 0x010203);
    assert.equal(reader(bytes).u64(), 0x0807060504030201n);
    assert.equal(reader(bytes, "big").u64(), 0x0102030405060708n);
  });

  it("names the place of a read that goes too far", () => {
    const at = new ByteReader(Uint8Array.of(1, 2), "little", "vmlinux .debug_line", 0, 0x100).skip(1);
    assert.throws(() => at.u32(), { code: "bytes/out-of-bounds", where: "vmlinux .debug_line+0x101", message: "4 bytes wanted, 1 left" });
    assert.equal(at.offset, 1, "a failed read consumes nothing");
  });

  it("reads LEB128 as DWARF 5 section 7.6 gives them", () => {
    assert.equal(reader([0xe5, 0x8e, 0x26]).uleb(), 624_485);
    assert.equal(reader([0x80, 0x7f]).sleb(), -128);
    assert.equal(reader([0x7e]).sleb(), -2);
    assert.equal(reader([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]).uleb64(), 0xffffffffffffffffn);
  });

  it("reads back every LEB128 that fits", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const bytes: number[] = [];
        let rest = value;
        do {
          bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
          rest = Math.floor(rest / 128);
        } while (rest > 0);
        assert.equal(reader(bytes).uleb(), value);
      }),
    );
  });

  it("ends on damaged bytes with an error, never beyond them", () => {
    const reads = ["u8", "u16", "u24", "u32", "u64", "uleb", "uleb64", "sleb", "cstring", "size64"] as const;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), fc.array(fc.constantFrom(...reads)), (bytes, calls) => {
        const at = new ByteReader(bytes, "little", "test");
        try {
          for (const call of calls) at[call]();
        } catch (error) {
          assert.equal((error as { code?: string }).code, "bytes/out-of-bounds");
        }
        assert.ok(at.offset <= bytes.length);
      }),
    );
  });
});
