import assert from "node:assert/strict";
import fc from "fast-check";
import { Btf } from "../../src/btf/btf";
import type { Endianness } from "../../src/base/byteReader";
import { btfFile, type BtfType } from "../support/btfFile";

const word = 4;

/** int, const struct sock *, struct sk_buff *, an enum, and a function of them: ids from 1 in this order. */
const types: readonly BtfType[] = [
  { kind: 1, name: "int", target: word, rest: [0x1000020] },
  { kind: 4, name: "sock", target: 8, members: [["x", 1, 0]] },
  { kind: 10, name: "", target: 2 },
  { kind: 2, name: "", target: 3 },
  { kind: 4, name: "sk_buff", target: 0 },
  { kind: 2, name: "", target: 5 },
  { kind: 6 | 0x80, name: "sk_rst_reason", target: word, members: [["SK_A", 0], ["SK_B", 7], ["SK_NEGATIVE", -1]] },
  { kind: 13, name: "", target: 0, members: [["sk", 4], ["skb", 6], ["reason", 7]] },
  { kind: 12, name: "send_reset", target: 8 },
  { kind: 19, name: "wide", target: 8, members: [["W", 5, 1]] },
  { kind: 3, name: "", target: 0, rest: [1, 1, 4] },
  { kind: 12, name: "broken", target: 1 },
];

for (const endianness of ["little", "big"] as const satisfies readonly Endianness[]) {
  describe(`Btf, ${endianness} endian`, () => {
    const btf = Btf.parse(btfFile(types, endianness), "vmlinux");

    it("names the parameters of a function as C does", () => {
      assert.deepEqual(btf.parametersOf("send_reset"), [
        { name: "sk", type: "const struct sock *" }, { name: "skb", type: "struct sk_buff *" }, { name: "reason", type: "enum sk_rst_reason" },
      ]);
      assert.equal(btf.parametersOf("send_rese"), undefined);
      assert.equal(btf.parametersOf("broken"), undefined);
    });

    it("lists the values of an enum", () => {
      assert.deepEqual([...(btf.enumerators("sk_rst_reason") ?? [])], [[0, "SK_A"], [7, "SK_B"], [-1, "SK_NEGATIVE"]]);
      assert.deepEqual([...(btf.enumerators("wide") ?? [])], [[2 ** 32 + 5, "W"]]);
      assert.equal(btf.enumerators("sock"), undefined);
    });

    it("reads a module on top of the kernel", () => {
      const nextId = types.length + 1;
      const module = Btf.parse(btfFile([
        { kind: 13, name: "", target: 0, members: [["net", 4], ["oldskb", 6]] },
        { kind: 12, name: "nf_send_reset", target: nextId },
      ], endianness, types), "nf_reject", btf);
      assert.deepEqual(module.parametersOf("nf_send_reset")?.map(({ type }) => type), ["const struct sock *", "struct sk_buff *"]);
      assert.equal(module.enumerators("sk_rst_reason")?.size, 3);
    });
  });
}

describe("Btf of damaged bytes", () => {
  it("is refused with its file", () => {
    assert.throws(() => Btf.parse(new Uint8Array(10), "/sys/kernel/btf/x"), { code: "btf/bad-format", where: "/sys/kernel/btf/x" });
    assert.throws(() => Btf.parse(btfFile([{ kind: 99, name: "x", target: 0 }], "little"), "x"), { code: "btf/bad-format" });
  });

  it("never hangs or reads outside", () => {
    const file = btfFile(types, "little");
    fc.assert(fc.property(fc.nat(file.length - 1), fc.nat(255), fc.nat(file.length), (at, value, length) => {
      const bytes = file.slice(0, length);
      bytes[at % Math.max(length, 1)] = value;
      try {
        const btf = Btf.parse(bytes, "x");
        btf.parametersOf("send_reset");
        btf.enumerators("sk_rst_reason");
      } catch (error) {
        assert.equal((error as Error).name, "DomainError");
      }
    }), { numRuns: 500 });
  });
});
