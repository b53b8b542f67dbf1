import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { eventually } from "../support/eventually";
import { arm64Oops, longLog, otherKernelOops } from "../support/stackTexts";
import { provokeWarning } from "../lab/provokeWarning";
import { debugFiles } from "../lab/debugFiles";
import { ensureDebug } from "../lab/ensureDebug";
import { buildIdOf } from "../support/buildIdOf";
import { debuginfodServer, type DebuginfodServer } from "../support/debuginfodServer";
import { connect, openLabWorkbench, type LabWorkbench } from "./support/openLabWorkbench";
import type { Workbench } from "./support/workbench";

const nmi = readFileSync(join(import.meta.dirname, "../fixtures/stacks/dmesg-T-1.txt"), "utf8");

/** Answers for debuginfo with a file that never ends to come: the start of a real one, and then nothing. */
function beginDownload(request: IncomingMessage, response: ServerResponse): boolean {
  if (!(request.url ?? "").endsWith("/debuginfo")) return false;
  const descriptor = openSync(debugFiles("6.12").vmlinux!, "r");
  const start = new Uint8Array(4096);
  readSync(descriptor, start);
  closeSync(descriptor);
  response.writeHead(200, { "Content-Length": 20_000_000 }).write(start);
  return true;
}

async function paste({ quick, editor, page }: Workbench, text: string): Promise<void> {
  await quick.runCommand("File: New Untitled Text File");
  await eventually(async () => assert.equal((await editor.cursor()).line, 1));
  await editor.type(text);
  await page.keyboard.press("Control+Home");
}

/** The kernel of the target warns; what it printed is pasted and walked through. */
function walksThroughWarning(lab: () => LabWorkbench): void {
  it("a warning of its kernel, pasted, is clicked through: what it names itself, and one frame after the other", async () => {
    const { workbench, target } = lab();
    const { editor } = workbench;
    await paste(workbench, await provokeWarning(target));
    await eventually(async () => assert.match(await editor.visibleText(), /ip_mc_msfilter\+0x\w+\/0x\w+.*net\/ipv4\/igmp\.c:\d+/), 90_000);
    await workbench.screenshot(`stacks-warning-${target.kernel}`);
    const name = (await editor.tabs()).at(-1) ?? "";
    const named = /mm\/page_alloc\.c:(\d+)/.exec(await editor.visibleText());
    const places: readonly (readonly [text: string, file: string, line: RegExp])[] = [
      [named?.[0] ?? "", "page_alloc.c", /WARN_ON_ONCE_GFP\(/],
      ["ip_mc_msfilter+0x", "igmp.c", /sock_kmalloc\(/],
      ["do_ip_setsockopt+0x", "ip_sockglue.c", /ip_mc_msfilter\(/],
    ];
    for (const [text, file, line] of places) {
      await eventually(() => editor.followLink(text).then(() => editor.waitForTab(file, 5_000)), 60_000);
      await eventually(async () => assert.match(await editor.cursorLine(), line), 30_000);
      if (file === "page_alloc.c") assert.equal((await editor.cursor()).line, Number(named?.[1]));
      await editor.showTab(new RegExp(`^${name}$`));
    }
    await editor.showTab(/^ip_sockglue\.c$/);
    await workbench.screenshot(`stacks-warning-source-${target.kernel}`);
  });
}

describe("a kernel stack of 6.12 in a text", function () {
  this.timeout(300_000);
  let lab: LabWorkbench;

  before(async () => {
    lab = await openLabWorkbench("6.12");
    await connect(lab.workbench, lab.target);
  });
  after(() => lab.close());

  walksThroughWarning(() => lab);
});

/** Kernel stacks in texts that came from anywhere, beside a host that runs the kernel of some of them. */
describe("kernel stacks in any text", function () {
  this.timeout(300_000);
  let lab: LabWorkbench;
  let server: DebuginfodServer;

  before(async () => {
    const another = await ensureDebug("6.12");
    server = await debuginfodServer({ files: {}, intercept: beginDownload });
    lab = await openLabWorkbench("6.1", { settings: { "workbench.editorLargeFileConfirmation": 50, "knetscope.debuginfo.modules": another, "knetscope.debuginfod.urls": [server.url] } });
    await connect(lab.workbench, lab.target);
  });
  after(async () => {
    await lab.close();
    await server.close();
  });

  walksThroughWarning(() => lab);

  it("a pasted x86 trace shows its lines, hovers with source, and a click stands in the source", async () => {
    const { workbench } = lab;
    await paste(workbench, nmi);
    await eventually(async () => assert.match(await workbench.editor.visibleText(), /__handle_sysrq\.cold\+0x44\/0x11c.*drivers\/tty\/sysrq\.c:\d+/), 90_000);
    await workbench.screenshot("stacks-inlay");
    await workbench.editor.hoverSays("write_sysrq_trigger+0x24", /drivers\/tty\/sysrq\.c:\d+[^]*return address/);
    await workbench.screenshotAsIs("stacks-hover");
    await workbench.editor.followLink("write_sysrq_trigger+0x24");
    await workbench.editor.waitForTab("sysrq.c", 60_000);
    await eventually(async () => assert.match(await workbench.editor.cursorLine(), /__handle_sysrq\(/), 30_000);
    await workbench.screenshot("stacks-source");
  });

  it("an arm64 oops of another kernel gets no lines, and says why and what to do", async () => {
    const { workbench } = lab;
    await paste(workbench, arm64Oops);
    await workbench.editor.hoverSays("tcp_v4_rcv+0x8c4", /The text is of kernel 6\.6\.31\+rpt-rpi-v8; .* runs 6\.1[^]*Connect to a host that runs it/);
    await workbench.screenshotAsIs("stacks-arm64");
    assert.doesNotMatch(await workbench.editor.visibleText(), /tcp_v4_rcv\+0x8c4\/0xd20.*tcp_ipv4\.c:/);
  });

  it("Resolve Kernel Stack: a trace of another kernel gets the lines of the build that it names, or the reason and a command; a download can be cancelled", async () => {
    const { workbench } = lab;
    await paste(workbench, otherKernelOops(buildIdOf(debugFiles("6.12").vmlinux!)));
    await workbench.page.keyboard.press("Control+A");
    await workbench.command("Resolve Kernel Stack");
    await eventually(async () => assert.match(await workbench.editor.visibleText(), /These lines are of the build that the text names[^]*ip_local_deliver_finish +net\/ipv4\/ip_input\.c:\d+/), 90_000);
    await workbench.screenshot("stacks-other-kernel");
    await paste(workbench, otherKernelOops("ab".repeat(20)));
    await workbench.page.keyboard.press("Control+A");
    await workbench.command("Resolve Kernel Stack");
    await workbench.messages.waitFor(/Fetching debuginfo of abababab.*: .* of 20/, 90_000);
    await workbench.screenshotAsIs("stacks-download");
    await workbench.messages.click(/Fetching debuginfo/, "Cancel");
    await eventually(async () => assert.match(await workbench.editor.visibleText(), /No debuginfo of the kernel of the trace \(build id (ab){20}\) was found[^]*was cancelled[^]*debuginfod-find debuginfo (ab){20}/), 90_000);
    await workbench.screenshot("stacks-other-kernel-refused");
  });

  it("a log of 10 MB has its links while the editor goes on", async () => {
    const { workbench } = lab;
    writeFileSync(join(workbench.folder, "long.log"), longLog(10 << 20, 2000));
    const frames = workbench.page.locator(".part.editor").locator('[class*="ced-"], .detected-link');
    await workbench.openFile("long.log");
    const shown = Date.now();
    await frames.first().waitFor({ timeout: 60_000 });
    const underlined = Date.now() - shown;
    await workbench.page.locator(".part.editor .detected-link").first().waitFor({ timeout: 60_000 });
    console.log(`      frames underlined ${underlined} ms after the text is shown, links ${Date.now() - shown} ms`);
    await workbench.page.keyboard.press("Control+End");
    await eventually(async () => assert.match(await workbench.editor.visibleText(), /end of the log/), 60_000);
    await workbench.page.locator(".part.editor .detected-link").first().waitFor({ timeout: 60_000 });
    await workbench.screenshot("stacks-long");
  });
});
