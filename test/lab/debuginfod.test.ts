import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureDebug } from "./ensureDebug";
import { ensureHostTools, isRoot } from "./hostTools";
import type { DebuginfodReport } from "./debuginfodRun";

describe("debuginfod of Debian", function () {
  this.timeout(180_000);
  let report: DebuginfodReport;
  const folder = mkdtempSync(join(tmpdir(), "knetscope-"));

  /** It listens on all addresses and cannot be told otherwise: it runs, with what asks it, in a network namespace of its own. */
  before(async function () {
    this.timeout(1_800_000);
    await ensureHostTools(console.error);
    const debug = join(await ensureDebug("6.1"), "usr/lib/debug");
    const run = [process.execPath, "--import", "tsx", join(__dirname, "debuginfodRun.ts"), debug, folder];
    const { stdout } = await promisify(execFile)("unshare", [...(isRoot() ? [] : ["--map-root-user"]), "--net", "sh", "-c", `ip link set lo up && exec "$0" "$@"`, ...run], { maxBuffer: 1 << 24, timeout: 170_000 });
    report = JSON.parse(stdout) as DebuginfodReport;
  });
  after(() => rmSync(folder, { recursive: true }));

  it("gives a kernel by sections, two thirds less than the file; the answers are those of the file", () => {
    assert.deepEqual(report.remote, report.local);
    assert.match(report.origin, /\(sections\)$/);
    assert.ok(report.bytes < report.size / 2.5, `${report.bytes} of ${report.size} bytes`);
    assert.deepEqual([report.again.bytes < 10_000, report.again.answers], [true, report.local]);
  });

  it("gives a module whole", () => assert.deepEqual(report.module, ["ok", "net/netfilter/nf_conntrack_core.c"]));

  it("shares its cache with elfutils' own client, both ways", () => {
    assert.equal(report.theirsRead, true, "what debuginfod-find has fetched is not fetched again");
    assert.equal(report.oursRead, true, "debuginfod-find gives the file that we fetched, with no server to ask");
    assert.equal(report.missRead, true, "debuginfod-find believes our note that nobody has it");
  });
});
