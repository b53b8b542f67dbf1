import assert from "node:assert/strict";
import { Btf } from "../../src/btf/btf";
import { fieldPlace } from "../../src/btf/fieldPlace";
import { btfFile } from "../support/btfFile";

/** Kind of a structure with bit fields: their members' offsets have the number of bits in the highest byte. */
const structWithBits = 0x80 | 4;
const bits = (count: number, offset: number): number => (count << 24) | offset;

describe("fieldPlace", () => {
  const types = Btf.parse(btfFile([
    { kind: 1, name: "unsigned int", target: 4, rest: [32] },
    { kind: structWithBits, name: "sock_common", target: 4, members: [["skc_hash", 1, bits(0, 0)]] },
    { kind: structWithBits, name: "sock", target: 12, members: [["__sk_common", 2, bits(0, 0)], ["sk_padding", 1, bits(1, 32)], ["sk_odd", 1, bits(8, 33)], ["sk_type", 1, bits(16, 48)], ["sk_flags", 1, bits(0, 64)]] },
  ], "little"), "vmlinux");

  for (const [path, place] of [["__sk_common.skc_hash", 0], ["sk_flags", 8], ["sk_type", 6], ["sk_padding", undefined], ["sk_odd", undefined], ["sk_none", undefined], ["sk_flags.none", undefined]] as const) {
    it(`${path}: ${place ?? "none"}`, () => assert.equal(fieldPlace(types, "sock", path), place));
  }
  it("has none of a structure that is not there", () => assert.equal(fieldPlace(types, "sk_buff", "head"), undefined));
});
