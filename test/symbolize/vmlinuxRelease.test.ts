import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { errorCode } from "../../src/base/errors";
import { vmlinuxRelease } from "../../src/symbolize/vmlinuxRelease";
import { alloc } from "../support/elfWriter";
import { sampleKernel, writeKernel } from "../support/kernelFixture";

const megabyte = 1 << 20;
const kernelWith = (content: Uint8Array): Uint8Array => writeKernel(sampleKernel({ transform: (sections) => [{ name: ".rodata", flags: alloc, bytes: content }, ...sections] }));

describe("vmlinuxRelease", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "knetscope-"))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const releaseOf = (bytes: Uint8Array): Promise<string | undefined> => {
    const file = join(folder, "vmlinux");
    writeFileSync(file, bytes);
    return vmlinuxRelease(file);
  };

  for (const at of [0, 5, megabyte - 64, megabyte - 16, megabyte - 1, megabyte]) {
    it(`reads the banner at 0x${at.toString(16)}`, async () => {
      const content = Buffer.alloc(megabyte + 300);
      content.write("%s version %s\0", Math.max(0, at - 14));
      content.write("Linux version 6.1.0-56-cloud-amd64 (builder@host) (gcc) #1 SMP\n\0", at);
      assert.equal(await releaseOf(kernelWith(content)), "6.1.0-56-cloud-amd64");
    });
  }
  it("knows nothing of a file without data, or without a banner", async () => {
    assert.equal(await releaseOf(writeKernel(sampleKernel())), undefined);
    assert.equal(await releaseOf(kernelWith(Buffer.from("Linux version unknown\0"))), undefined);
  });
  it("has nothing worse than an error for damaged files", async () => {
    const whole = kernelWith(Buffer.from("Linux version 6.1.5 (b)\0"));
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(fc.asyncProperty(damage, fc.nat(whole.length), async (changes, length) => {
      const bytes = Uint8Array.from(whole.subarray(0, length % 3 === 0 ? length : whole.length));
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      await releaseOf(bytes).catch((error: unknown) => assert.ok(errorCode(error), String(error)));
    }));
  });
});
