import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { latestTargetKnowledge, loadTargetKnowledge } from "../../src/session/targetKnowledge";

describe("what is kept of a target", () => {
  const cache = mkdtempSync(join(tmpdir(), "knetscope-cache-"));
  const before = process.env.KNETSCOPE_CACHE;

  beforeEach(() => {
    process.env.KNETSCOPE_CACHE = cache;
  });
  afterEach(() => {
    if (before === undefined) delete process.env.KNETSCOPE_CACHE;
    else process.env.KNETSCOPE_CACHE = before;
  });
  after(() => rmSync(cache, { recursive: true }));

  function keep(id: string, name: string, seconds: number): void {
    const folder = join(cache, "targets", id);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "target.json"), JSON.stringify({ name, release: "6.1.0", bpftrace: "bpftrace v0.17.0", modules: [] }));
    writeFileSync(join(folder, "functions"), "tcp_close\n");
    utimesSync(join(folder, "target.json"), seconds, seconds);
  }

  it("is nothing at first", async () => assert.equal(await latestTargetKnowledge(), undefined));

  it("is there without a connection, of the host that was read last", async () => {
    keep("aa", "web1", 2000);
    keep("bb", "web2", 1000);
    mkdirSync(join(cache, "targets", "cc"));
    const latest = await latestTargetKnowledge();
    assert.deepEqual([latest?.name, latest?.release], ["web1", "6.1.0"]);
    const knowledge = await loadTargetKnowledge(latest?.folder ?? "");
    assert.ok(knowledge.functions?.has("tcp_close"));
    assert.equal(knowledge.version?.minor, 17);
  });
});
