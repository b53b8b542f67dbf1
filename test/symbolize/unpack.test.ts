import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { DomainError } from "../../src/base/errors";
import { packingOf, unpack } from "../../src/symbolize/unpack";

const plain = Buffer.from("a module's bytes, again and again; ".repeat(20_000));
const packed = {
  gzip: gzipSync(plain),
  // As kernel builds do (scripts/Makefile.modinst): xz --check=crc32 --lzma2=dict=1MiB.
  xz: execFileSync("xz", ["--check=crc32", "--lzma2=dict=1MiB", "-c"], { input: plain, maxBuffer: 1e8 }),
  // zstd -19
  zstd: Buffer.from("KLUv/QRoRAEA6GEgbW9kdWxlJ3MgYnl0ZXMsIGFnYWluIGFuZDsgAgDa/0ZlfLEyBkQAAAABAP3/JldARAAAAAEA/f85AAJEAAAAAQD9/zkAAkQAAAABAP3/OQACRQAAAAEAXS4dAAHX5W1m", "base64"),
};

describe("unpack", () => {
  for (const kind of ["gzip", "xz", "zstd"] as const) {
    it(`unpacks ${kind}`, async () => {
      assert.equal(packingOf(packed[kind]), kind);
      assert.equal(Buffer.compare(await unpack(packed[kind], "m.ko"), plain), 0);
    });
  }

  it("leaves what is not packed as it is", async () => assert.equal(await unpack(plain, "m.ko"), plain));

  it("refuses what is too large, packed or unpacked, by name", async () => {
    for (const bytes of Object.values(packed)) {
      for (const limits of [{ packed: 10, unpacked: 1e9 }, { packed: 1e9, unpacked: 1000 }]) {
        await assert.rejects(unpack(bytes, "m.ko", limits), (error) => error instanceof DomainError && error.code === "unpack/too-large" && error.where === "m.ko");
      }
    }
  });

  it("does nothing worse to damaged bytes than to say so", async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom("gzip" as const, "xz" as const, "zstd" as const), fc.nat(), fc.nat(255), fc.boolean(), async (kind, at, byte, cut) => {
      const bytes = Uint8Array.from(packed[kind]);
      const place = 6 + (at % (bytes.length - 6));
      if (!cut) bytes[place] = byte;
      const result = await unpack(cut ? bytes.subarray(0, place) : bytes, "m.ko").catch((error: unknown) => error);
      assert.ok(result instanceof Uint8Array || (result instanceof DomainError && result.code === "unpack/damaged"), String(result));
    }), { numRuns: 30 });
  });
});
