import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "../support/eventually";
import { downLab } from "../lab/downLab";
import { ensureDebug, ensureSource } from "../lab/ensureDebug";
import type { LabState } from "../lab/labState";
import { ownTarget } from "../lab/ownTarget";
import { upLab } from "../lab/upLab";
import { connect } from "./support/openLabWorkbench";
import { openWorkbench } from "./support/openWorkbench";
import type { Workbench } from "./support/workbench";

const name = ownTarget("e2e-debug-6.1");
const title = "Debug Kernel in QEMU";
const existing = '{\n  // of the team\n  "version": "0.2.0",\n  "configurations": [\n    { "name": "server", "type": "node", "request": "launch" } // kept\n  ]\n}\n';

/** From the palette to an entry of launch.json, in a folder that has one already. That gdb then stops is tested in the lab. */
describe("Debug Kernel in QEMU", function () {
  this.timeout(300_000);
  let [target, workbench]: [LabState | undefined, Workbench | undefined] = [undefined, undefined];

  before(async () => {
    await ensureDebug("6.1");
    await ensureSource("6.1");
    target = await upLab("6.1", { name });
    const settings = { "knetscope.hosts": [target.alias], "knetscope.debuginfo.vmlinux": target.vmlinux ?? "", "knetscope.sources": [target.sourceTarball ?? ""] };
    workbench = await openWorkbench({ sshConfig: target.sshConfigFile, settings });
    mkdirSync(join(workbench.folder, ".vscode"), { recursive: true });
    writeFileSync(join(workbench.folder, ".vscode/launch.json"), existing);
    await connect(workbench, target);
  });
  after(async () => {
    await workbench?.close();
    await downLab(name);
  });

  it("adds an entry and keeps what is there", async () => {
    assert.ok(workbench && target);
    await workbench.command("Debug Kernel in QEMU…");
    await workbench.quick.enter("tcp_v4_rcv", { title, prompt: "The kernel function" });
    await workbench.quick.enter("127.0.0.1:12345", { title, prompt: "QEMU's gdb stub" });
    await workbench.quick.waitFor({ title, placeholder: "Debugger" });
    await workbench.screenshot("debug-kernel-debuggers");
    await workbench.quick.pick("C/C++", { title, placeholder: "Debugger" });
    const text = await eventually(() => {
      const written = readFileSync(join(workbench?.folder ?? "", ".vscode/launch.json"), "utf8");
      // Saving empties the file first.
      assert.match(written, /hbreak tcp_v4_rcv[^]*\}\n$/);
      return written;
    }, 120_000);
    await workbench.editor.waitForTab("launch.json");
    await workbench.screenshot("debug-kernel-launch");
    assert.ok(text.startsWith(existing.slice(0, existing.indexOf(" // kept"))));
    assert.match(text, /"launch" }, \/\/ kept\n {4}\{\n {6}"name": "Kernel of lab-e2e-debug-6\.1-\w+ in QEMU: tcp_v4_rcv"/);
    assert.match(text, /"program": ".*\/vmlinux-6\.1\..*"[^]*"directory \/.*\/tree"[^]*"hbreak tcp_v4_rcv"/);
    // The lab's kernel runs without nokaslr here.
    await workbench.messages.waitFor(/without nokaslr/);
  });
});
