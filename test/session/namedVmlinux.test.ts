import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseBuildId } from "../../src/stacks/parseFrame";
import type { StackFrame } from "../../src/stacks/stack";
import { NamedVmlinux } from "../../src/session/namedVmlinux";
import { alloc } from "../support/elfWriter";
import { sampleKernel, writeKernel } from "../support/kernelFixture";

const release = "6.1.0-50-cloud-arm64";
const frames: readonly StackFrame[] = [{ symbol: "tcp_send", offset: 0, kind: "exact", reliable: true }];

describe("NamedVmlinux", () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "knetscope-named-"));
    file = join(folder, "vmlinux");
    const banner = Buffer.from(`Linux version ${release} (builder@host)\0`);
    writeFileSync(file, writeKernel(sampleKernel({ transform: (sections) => [{ name: ".rodata", flags: alloc, bytes: banner }, ...sections] })));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("is of a text that names its release and no build", async () => {
    const named = new NamedVmlinux({ vmlinux: file });
    const buildId = parseBuildId("ab".repeat(20));
    assert.ok(buildId);
    assert.equal(await named.isOf({ build: release, frames }), true);
    assert.equal(await named.isOf({ build: "6.1.0-50-cloud-amd64", frames }), false);
    assert.equal(await named.isOf({ build: release, buildId, frames }), false, "a build id decides, where there is one");
    assert.equal(await named.isOf({ build: release, frames: frames.map((frame) => ({ ...frame, buildId })) }), false);
    assert.equal(await named.isOf({ frames }), false, "a text that names nothing is of the active host");
    assert.match((await named.otherRelease({ build: "5.4", frames })) ?? "", /^The text is of kernel 5\.4; .*vmlinux is of 6\.1\.0-50-cloud-arm64\.$/);
    await named.dispose();
  });

  it("is of nothing when none is named, or it is a folder or damaged", async () => {
    writeFileSync(join(folder, "damaged"), "no ELF");
    for (const vmlinux of [undefined, folder, join(folder, "absent"), join(folder, "damaged")]) {
      assert.equal(await new NamedVmlinux(vmlinux === undefined ? {} : { vmlinux }).isOf({ build: release, frames }), false);
    }
  });
});
