/** QEMU's gdb stub, Debian's gdb and the file that we write for it: a real kernel stops at the line that sends a reset. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downLab } from "./downLab";
import { ensureDebug, ensureSource } from "./ensureDebug";
import { tryInGuest } from "./guestControl";
import type { LabState } from "./labState";
import { ownTarget } from "./ownTarget";
import { tryTool } from "./runTool";
import { upLab } from "./upLab";

const cli = join(import.meta.dirname, "../../dist/cli.js");
const name = ownTarget("gdb-6.1");
const connectToClosedPort = `python3 -c 'import socket; print(socket.socket().connect_ex(("127.0.0.1", 9)))'`;

describe("a kernel in QEMU under gdb", function () {
  this.timeout(240_000);
  let [target, folder]: [LabState | undefined, string] = [undefined, ""];
  let gdb: ChildProcess | undefined;

  before(async () => {
    assert.ok(existsSync(cli), "dist/cli.js is missing: npm run build");
    await ensureDebug("6.1");
    await ensureSource("6.1");
    folder = mkdtempSync(join(tmpdir(), "knetscope-gdb-"));
    target = await upLab("6.1", { name, gdb: true });
  });
  after(async () => {
    gdb?.kill("SIGKILL");
    // QEMU ends by its own monitor, whatever state gdb left the processors in.
    await downLab(name);
    rmSync(folder, { recursive: true, force: true });
  });

  it("stops in tcp_v4_send_reset and shows its source", async () => {
    assert.ok(target?.gdbAddress !== undefined);
    const file = join(folder, "kernel.gdb");
    const written = await tryTool([
      process.execPath, cli, "debug-config", "--host", target.alias, "--ssh-config", target.sshConfigFile, "--target", target.gdbAddress, "--function", "tcp_v4_send_reset",
      "--vmlinux", target.vmlinux ?? "", "--source", target.sourceTarball ?? "", "--write", file,
    ], { timeoutMs: 120_000 });
    assert.equal(written.code, 0, written.stderr);
    assert.match(written.stderr, /Stops in tcp_v4_send_reset \(net\/ipv4\/tcp_ipv4\.c:\d+\)/);
    assert.doesNotMatch(written.stderr, /nokaslr/, "it was booted with it");

    const [said, guest] = await debug(target, file);
    const stop = /Breakpoint 1, tcp_v4_send_reset \(.*\) at net\/ipv4\/tcp_ipv4\.c:(\d+)\n(\d+)\t\{/.exec(said);
    assert.ok(stop !== null && stop[1] === stop[2], said);
    assert.match(said, /#1 .* in tcp_v4_rcv \(.*\) at net\/ipv4\/tcp_ipv4\.c:\d+/);
    assert.match(said, /static void tcp_v4_send_reset\(const struct sock \*sk, struct sk_buff \*skb\)/, "the lines around it");
    assert.match(said, /Located in \/.*\/net\/ipv4\/tcp_ipv4\.c\n/);
    assert.match(guest, /^111$/m, "the kernel ran on when gdb had left, and the connection was refused");
  });

  /** What gdb said, and what the connection in the guest came to. */
  async function debug(state: LabState, file: string): Promise<[string, string]> {
    const child = spawn("gdb", ["-q", "-nx", "-batch", "-x", file, "-ex", "backtrace 2", "-ex", "list", "-ex", "info source"], { stdio: ["ignore", "pipe", "pipe"], timeout: 90_000 });
    gdb = child;
    let said = "";
    const guest: Promise<string>[] = [];
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (guest.length > 0 || !said.includes("Hardware assisted breakpoint 1 at")) return;
      guest.push(tryInGuest(state, connectToClosedPort, { timeoutMs: 60_000 }).then(({ stdout, stderr }) => stdout + stderr));
    });
    await new Promise((resolve, reject) => {
      child.once("close", resolve);
      child.once("error", (error) => reject(new Error(`gdb, of Debian's package gdb, cannot be started: ${error.message}`)));
    });
    return [said, (await guest[0]) ?? `gdb set no breakpoint: ${said}`];
  }
});
