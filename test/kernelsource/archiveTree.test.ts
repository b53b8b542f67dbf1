import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { archiveTree } from "../../src/kernelsource/archiveTree";

describe("archiveTree", () => {
  let folder: string;
  let archive: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "knetscope-test-"));
    const tree = join(folder, "linux-source-6.1");
    mkdirSync(join(tree, "net/ipv4"), { recursive: true });
    writeFileSync(join(tree, "Makefile"), "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 192\n");
    writeFileSync(join(tree, "net/ipv4/tcp.c"), "int tcp;\n");
    archive = join(folder, "linux-source-6.1.tar.gz");
    execFileSync("tar", ["-czf", archive, "-C", folder, "linux-source-6.1"]);
    rmSync(tree, { recursive: true });
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("reads members and the version, and keeps what it unpacked", async () => {
    const cache = join(folder, "cache");
    const tree = archiveTree(archive, cache);
    assert.deepEqual(await Promise.all([tree.read("net/ipv4/tcp.c"), tree.version()]), ["int tcp;\n", "6.1.192"]);
    assert.equal(await tree.read("net/ipv4/none.c"), undefined);
    assert.equal(await tree.read("drivers/net/none.c"), undefined);
    assert.equal(await archiveTree(archive, cache).read("net/ipv4/tcp.c"), "int tcp;\n", "a second window reads the same cache");
  });

  it("gives a folder with what the archive has of the code that runs everywhere, for other programs", async () => {
    const cache = join(folder, "cache-3");
    const tree = archiveTree(archive, cache);
    const unpacked = await tree.folder?.();
    assert.equal(readFileSync(join(unpacked ?? "", "net/ipv4/tcp.c"), "utf8"), "int tcp;\n");
    assert.equal(await tree.read("net/ipv4/tcp.c"), "int tcp;\n", "what was unpacked for one is there for the other");
    assert.equal(await archiveTree(archive, cache).folder?.(), unpacked, "a second time it is there");
  });

  it("says what is wrong with a damaged archive, and is not stuck with it", async () => {
    const damaged = join(folder, "damaged.tar.gz");
    writeFileSync(damaged, "not a tarball");
    const tree = archiveTree(damaged, join(folder, "cache-2"));
    await assert.rejects(tree.read("Makefile"), { code: "source/bad-archive", where: damaged });
    await assert.rejects(tree.read("Makefile"), { code: "source/bad-archive" });
    await assert.rejects(async () => tree.folder?.(), { code: "source/bad-archive" });
  });
});
