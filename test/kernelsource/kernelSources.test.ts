import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KernelSources } from "../../src/kernelsource/kernelSources";
import { recordedTarget } from "../support/recordedTarget";
import { facts } from "../vscode/support/samples";

describe("KernelSources.folder", () => {
  let root: string;
  const tree = (name: string, sublevel: number): string => {
    const place = join(root, name);
    mkdirSync(join(place, "net/ipv4"), { recursive: true });
    writeFileSync(join(place, "net/ipv4/tcp.c"), "int tcp;\n");
    writeFileSync(join(place, "Makefile"), `VERSION = 4\nPATCHLEVEL = 98\nSUBLEVEL = ${sublevel}\n`);
    return place;
  };
  const sources = (...configured: readonly string[]): KernelSources =>
    new KernelSources({ target: recordedTarget(), facts: { ...facts, release: "4.98.7-test", version: "#1" }, configured, cacheFolder: join(root, "cache") });

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "knetscope-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("prefers the tree of the running version, wherever it stands in the list", async () => {
    const [other, exact] = [tree("other", 6), tree("exact", 7)];
    assert.deepEqual(await sources(other, exact).folder(), { folder: exact, match: "release" });
  });

  it("gives another version's tree for want of a better one, and says so", async () => {
    const other = tree("other", 6);
    const found = await sources(other).folder();
    assert.deepEqual([found?.folder, found?.match], [other, "near"]);
    assert.match(found?.message ?? "", /Linux 4\.98\.6, the host runs 4\.98\.7/);
  });

  it("gives nothing where there is nothing", async () => {
    assert.equal(await sources().folder(), undefined);
  });
});
