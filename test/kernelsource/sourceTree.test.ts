import assert from "node:assert/strict";
import fc from "fast-check";
import { kernelVersion } from "../../src/kernelsource/findSources";
import { makefileVersion, treePath } from "../../src/kernelsource/sourceTree";

describe("treePath", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["net/ipv4/tcp_ipv4.c", "net/ipv4/tcp_ipv4.c"],
    ["./include/net/../linux/skbuff.h", "include/linux/skbuff.h"],
    ["../../etc/passwd", undefined],
    ["net/../../etc/passwd", undefined],
    ["/etc/passwd", undefined],
    ["net\\..\\x", undefined],
    ["", undefined],
    ["..", undefined],
  ];
  for (const [file, expected] of cases) it(`${file} → ${String(expected)}`, () => assert.equal(treePath(file), expected));

  it("never leaves the tree", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("..", ".", "a", "", "b.c", "/"), { maxLength: 8 }), (parts) => {
        const path = treePath(parts.join("/"));
        assert.ok(path === undefined || (!path.split("/").includes("..") && !path.startsWith("/")));
      }),
    );
  });
});

describe("kernel versions", () => {
  it("come from the top Makefile", () => {
    assert.equal(makefileVersion("# x\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 192\nEXTRAVERSION =\n"), "6.1.192");
    assert.equal(makefileVersion("all:\n\techo\n"), undefined);
  });

  it("of Debian stand in uname -v", () => {
    assert.equal(kernelVersion({ release: "6.1.0-56-cloud-amd64", version: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-1 (2026-10-02)" }), "6.1.192");
  });

  it("elsewhere stand in uname -r", () => {
    assert.equal(kernelVersion({ release: "6.18.44-200.fc43.x86_64", version: "#1 SMP" }), "6.18.44");
    assert.equal(kernelVersion({ release: "6.18-rc3", version: "#1 SMP" }), "6.18.0");
    assert.equal(kernelVersion({ release: "custom", version: "#1" }), undefined);
  });
});
