import assert from "node:assert/strict";
import fc from "fast-check";
import { EM } from "../../src/elf/elfConstants";
import { callBefore } from "../../src/symbolize/callBefore";

const bytes = (text: string): Uint8Array => Buffer.from(text.replaceAll(" ", "").padStart(16, "9"), "hex");

describe("callBefore", () => {
  it("reads direct calls of x86, whatever their distance", () => {
    fc.assert(fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.nat(2 ** 40), (distance, pc) => {
      const code = Buffer.alloc(8, 0x90);
      code[3] = 0xe8;
      code.writeInt32LE(distance, 4);
      assert.deepEqual(callBefore(code, pc, EM.X86_64), { kind: "direct", target: pc + distance });
    }));
  });

  it("reads direct calls of arm64", () => {
    fc.assert(fc.property(fc.integer({ min: -(2 ** 25), max: 2 ** 25 - 1 }), (words) => {
      const code = Buffer.alloc(8);
      code.writeUInt32LE((0x94000000 | (words & 0x3ffffff)) >>> 0, 4);
      assert.deepEqual(callBefore(code, 0x1000_0000, EM.AARCH64), { kind: "direct", target: 0x1000_0000 - 4 + words * 4 });
    }));
  });

  // objdump -d of a kernel.
  const others: readonly [code: string, machine: number, kind: string][] = [
    ["ff d0", EM.X86_64, "indirect"], ["41 ff d4", EM.X86_64, "indirect"], ["ff 15 11 22 33 44", EM.X86_64, "indirect"], ["ff 50 18", EM.X86_64, "indirect"],
    ["ff 54 24 08", EM.X86_64, "indirect"], ["ff 94 c5 00 11 22 33", EM.X86_64, "indirect"], ["0f 1f 44 00 00", EM.X86_64, "none"], ["48 89 e5", EM.X86_64, "none"],
    ["00 00 3f d6", EM.AARCH64, "indirect"], ["1f 09 3f d7", EM.AARCH64, "indirect"], ["1f 20 03 d5", EM.AARCH64, "none"],
  ];
  for (const [code, machine, kind] of others) it(`takes ${code} for ${kind}`, () => assert.equal(callBefore(bytes(code), 0x1000, machine)?.kind, kind));

  it("says nothing of other machines, or of too few bytes", () => {
    assert.equal(callBefore(bytes("ff d0"), 8, EM.I386), undefined);
    assert.equal(callBefore(new Uint8Array(7), 8, EM.X86_64), undefined);
  });
});
