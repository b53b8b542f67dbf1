import assert from "node:assert/strict";
import fc from "fast-check";
import { errorCode } from "../../../src/base/errors";
import type { DebugPlan } from "../../../src/session/debugKernel/debugPlan";
import { gdbCommandFile } from "../../../src/session/debugKernel/gdbCommands";

const plan: DebugPlan = {
  name: "Kernel of web1", release: "6.1.0-56-cloud-amd64", vmlinux: "/debug/vmlinux", address: "127.0.0.1:1234", function: "tcp_v4_send_reset",
  architecture: "i386:x86-64", sourceFolder: "/usr/src/linux-source-6.1", buildFolder: "debian/build/build_amd64_none_cloud-amd64",
};

/** Words as libiberty's buildargv splits them. */
function words(line: string): string[] {
  const found = [...line.matchAll(/(?:"(?:[^"\\]|\\.)*"|[^\s"\\]|\\.)+/g)].map(([word]) => word);
  return found.map((word) => word.replace(/"((?:[^"\\]|\\.)*)"/g, "$1").replace(/\\(.)/g, "$1"));
}

describe("gdbCommandFile", () => {
  it("loads, maps the source, connects, sets a hardware breakpoint and goes on, in this order", () => {
    assert.deepEqual(gdbCommandFile(plan).split("\n").filter((line) => !line.startsWith("#")), [
      "file /debug/vmlinux", "set pagination off", "set architecture i386:x86-64", "directory /usr/src/linux-source-6.1",
      "set substitute-path debian/build/build_amd64_none_cloud-amd64 /usr/src/linux-source-6.1", "set tcp connect-timeout 10",
      "target remote 127.0.0.1:1234", "hbreak tcp_v4_send_reset", "continue", "",
    ]);
  });

  it("maps nothing where there is no source", () => {
    const { sourceFolder, ...bare } = plan;
    assert.notEqual(sourceFolder, undefined);
    assert.doesNotMatch(gdbCommandFile(bare), /directory|substitute/);
  });

  it("names a build folder without its last slash, so that what follows it keeps its own", () => {
    assert.match(gdbCommandFile({ ...plan, buildFolder: "/build/linux-6.1/" }), /^set substitute-path \/build\/linux-6\.1 \/usr/m);
  });

  it("hands every path over as it is, and refuses one that is no line", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", minLength: 1 }).filter((path) => !/[\n\r]/.test(path)), (name) => {
      const line = gdbCommandFile({ ...plan, vmlinux: `/${name}` }).split("\n").find((text) => text.startsWith("file "));
      assert.deepEqual(words(line ?? ""), ["file", `/${name}`]);
    }));
    assert.throws(() => gdbCommandFile({ ...plan, vmlinux: "/a\nshell id" }), (error) => errorCode(error) === "debug/bad-path");
    assert.equal(gdbCommandFile({ ...plan, name: "a\nshell id", release: "b\rc" }).split("\n").filter((line) => line.startsWith("shell")).length, 0);
  });
});
