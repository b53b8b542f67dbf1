import assert from "node:assert/strict";
import fc from "fast-check";
import { foldPath, kernelPath, treeRoot } from "../../src/symbolize/kernelPath";

const cases: readonly [path: string, compDir: string | undefined, expected: string][] = [
  ["net/ipv4/tcp_ipv4.c", "debian/build/build_amd64_none_cloud-amd64", "net/ipv4/tcp_ipv4.c"],
  ["./include/net/sock.h", "debian/build/build_amd64_none_cloud-amd64", "include/net/sock.h"],
  ["/build/reproducible-path/linux-6.1.192/arch/x86/kernel/../../x86/xen/xen-head.S", "/build/reproducible-path/linux-6.1.192/debian/build/build_amd64_none_cloud-amd64", "arch/x86/xen/xen-head.S"],
  ["/build/reproducible-path/linux-6.1.192/debian/build/build_amd64_none_cloud-amd64/include/generated/autoconf.h", undefined, "include/generated/autoconf.h"],
  ["/build/linux-tqdX3b/linux-5.15.0/net/core/dev.c", "/build/linux-tqdX3b/linux-5.15.0/debian/build/build-generic", "net/core/dev.c"],
  ["/usr/src/debug/kernel-6.5.6/linux-6.5.6-300.fc39.x86_64/net/core/dev.c", undefined, "net/core/dev.c"],
  ["/usr/src/kernel/net/core/dev.c", undefined, "net/core/dev.c"],
  ["/home/u/linux/net/core/dev.c", "/home/u/linux", "net/core/dev.c"],
  ["/home/u/src/net/core/dev.c", "/home/u/src/out", "net/core/dev.c"],
  ["../net/core/dev.c", "/home/u/src/out", "net/core/dev.c"],
  ["/home/u/my-module/main.c", "/home/u/kernel", "/home/u/my-module/main.c"],
];

describe("kernelPath", () => {
  for (const [path, compDir, expected] of cases) it(`${path} → ${expected}`, () => assert.equal(kernelPath(path, compDir), expected));

  it("leaves a path that is from the root of the tree as it is", () => {
    const part = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
    fc.assert(fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => assert.equal(kernelPath(parts.join("/"), "/b"), parts.join("/"))));
  });
});

describe("foldPath", () => {
  it("gives one spelling, whatever was folded already", () => {
    const part = fc.constantFrom("a", "b", ".", "..", "");
    fc.assert(fc.property(fc.array(part), (parts) => assert.equal(foldPath(foldPath(parts.join("/"))), foldPath(parts.join("/")))));
  });
});

describe("treeRoot", () => {
  const roots: readonly [path: string, compDir: string | undefined, root: string | undefined][] = [
    ["/usr/src/debug/kernel-6.5.6/linux-6.5.6-300.fc39.x86_64/net/core/dev.c", undefined, "/usr/src/debug/kernel-6.5.6/linux-6.5.6-300.fc39.x86_64/"],
    ["net/core/../core/dev.c", "/usr/src/debug/kernel-6.5.6/linux-6.5.6-300.fc39.x86_64", "/usr/src/debug/kernel-6.5.6/linux-6.5.6-300.fc39.x86_64/"],
    ["net/core/dev.c", "debian/build/build_amd64_none_cloud-amd64", undefined],
    ["net/core/dev.c", undefined, undefined],
    ["/home/u/my-module/main.c", "/home/u/other", undefined],
  ];
  for (const [path, compDir, root] of roots) it(`${compDir ?? ""} ${path} → ${root ?? "none"}`, () => assert.equal(treeRoot(path, compDir), root));
});
