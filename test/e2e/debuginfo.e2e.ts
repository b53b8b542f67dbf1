import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { attachDebuginfo } from "../lab/attachDebuginfo";
import { eventually } from "../support/eventually";
import { connectLab } from "../support/labTarget";
import { connect, openLabWorkbench, type LabWorkbench } from "./support/openLabWorkbench";

const trace = readFileSync(join(import.meta.dirname, "../fixtures/stacks/dmesg-T-1.txt"), "utf8");

/** Nothing is installed or named on this machine; the host has the debuginfo of its kernel, as its distribution's package puts it there. */
describe("debuginfo that only the host has", function () {
  this.timeout(300_000);
  let lab: LabWorkbench;

  before(async () => {
    lab = await openLabWorkbench("6.1", { settings: { "knetscope.debuginfo.vmlinux": "", "knetscope.debuginfo.modules": "" } });
    const target = await connectLab(lab.target);
    await attachDebuginfo(lab.target, target);
    await target.dispose();
    await connect(lab.workbench, lab.target);
  });
  after(() => lab.close());

  it("a pasted oops has its lines, and the host's row says where they are from", async () => {
    const { workbench } = lab;
    await workbench.quick.runCommand("File: New Untitled Text File");
    await eventually(async () => assert.equal((await workbench.editor.cursor()).line, 1));
    await workbench.editor.type(trace);
    await workbench.page.keyboard.press("Control+Home");
    await eventually(async () => assert.match(await workbench.editor.visibleText(), /__handle_sysrq\.cold\+0x44\/0x11c.*drivers\/tty\/sysrq\.c:\d+/), 120_000);
    const hosts = await workbench.view("Hosts");
    await hosts.waitForRow(/debuginfo.*exact/, 60_000);
    await workbench.screenshot("debuginfo-on-host");
  });
});
