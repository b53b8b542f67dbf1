import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../support/eventually";
import { tryInGuest } from "../lab/guestControl";
import { runScenario } from "../lab/runScenario";
import { connect, openLabWorkbench, type LabWorkbench } from "./support/openLabWorkbench";
import { openWorkbench } from "./support/openWorkbench";

/** A program from an empty file: what the host knows is offered, what it does not know is underlined, and it runs. */
for (const kernel of ["6.1", "6.12"] as const) describe(`a bpftrace program for a host with kernel ${kernel}`, function () {
  this.timeout(400_000);
  let lab: LabWorkbench;

  before(async () => {
    lab = await openLabWorkbench(kernel);
    await connect(lab.workbench, lab.target);
    writeFileSync(join(lab.workbench.folder, "resets.bt"), "");
    await lab.workbench.openFile("resets.bt");
  });
  after(() => lab.close());

  const keys = (text: string): Promise<void> => lab.workbench.page.keyboard.type(text, { delay: 40 });
  const press = (key: string): Promise<void> => lab.workbench.page.keyboard.press(key);

  /** Takes the suggestion that begins so, once the list offers it. */
  async function accept(label: RegExp, limit = 60_000): Promise<void> {
    const { page } = lab.workbench;
    const row = page.locator(".suggest-widget.visible .monaco-list-row.focused .label-name", { hasText: label }).first();
    await row.waitFor({ timeout: limit });
    await press("Enter");
  }

  /** Until the host's functions are read, the list has none: it is asked for again. Not at once, as Escape leaves a snippet when the list has closed by itself. */
  async function offer(label: RegExp): Promise<void> {
    const { page } = lab.workbench;
    const offered = page.locator(".suggest-widget.visible .monaco-list-row .label-name", { hasText: label }).first();
    if (await offered.waitFor({ timeout: 10_000 }).then(() => true, () => false)) return;
    await eventually(async () => {
      // Without a list to close, Escape would leave the snippet.
      if ((await page.locator(".suggest-widget.visible").count()) > 0) await press("Escape");
      await press("Control+Space");
      await offered.waitFor({ timeout: 4_000 });
    }, 120_000);
  }

  it("is written with what the host offers", async () => {
    const { workbench } = lab;
    await workbench.editor.type("");
    await press("Control+A");
    await press("Delete");
    await keys("kpr");
    await offer(/^kprobe/);
    await accept(/^kprobe/);
    await keys("tcpv4sendres");
    await offer(/^tcp_v4_send_reset/);
    await workbench.page.screenshot({ path: `artifacts/e2e/program-functions-${kernel}.png` });
    await accept(/^tcp_v4_send_reset/);
    await keys("$s");
    await accept(/^\$sk = \(struct sock \*\)arg0/);
    await press("Enter");
    await keys("@[$sk->sk_rcvb");
    await accept(/^sk_rcvbuf/);
    await keys(", ksta");
    await accept(/^kstack/);
    // The bracket was closed as it was opened.
    await press("End");
    await keys(" = cou");
    await accept(/^count/);
    await press("End");
    await keys(";");
    const text = await workbench.editor.text();
    assert.match(text, /^kprobe:tcp_v4_send_reset \{\n\s+\$sk = \(struct sock \*\)arg0;\n\s+@\[\$sk->sk_rcvbuf, kstack\] = count\(\);\n\}/);
    await workbench.screenshot(`program-written-${kernel}`);
  });

  it("a wrong field is underlined, with the right one offered", async () => {
    const { workbench } = lab;
    const { page } = workbench;
    writeFileSync(join(workbench.folder, "wrong.bt"), "kprobe:tcp_v4_send_reset {\n\t$sk = (struct sock *)arg0;\n\t@[kstack(perf), $sk->sk_rcvbuff] = count();\n}\n\ninterval:s:1 {\n\tprintf(\"attached\\n\");\n}\n");
    await workbench.openFile("wrong.bt");
    await page.locator(".squiggly-error").first().waitFor({ timeout: 60_000 });
    await press("F8");
    await page.getByText(/has no field sk_rcvbuff/).first().waitFor();
    await workbench.page.screenshot({ path: `artifacts/e2e/program-wrong-field-${kernel}.png` });
    await press("Control+.");
    await page.getByText("Change to “sk_rcvbuf”").first().waitFor();
    await press("Enter");
    await eventually(async () => assert.match(await workbench.editor.text(), /\$sk->sk_rcvbuf\]/), 20_000);
    await page.locator(".squiggly-error").first().waitFor({ state: "detached", timeout: 20_000 });
  });

  it("runs on the host, its stacks have their lines, and nothing of it is left", async () => {
    const { workbench, target } = lab;
    await workbench.command("Run bpftrace Program on Host");
    // bpftrace says that it attaches long before it has: the program's own tick is the proof.
    await workbench.terminal.waitForText("attached", 180_000);
    await eventually(async () => assert.equal((await runScenario("closed-port", target.name)).seen, true), 60_000);
    await workbench.page.locator(".xterm").first().click();
    await press("Control+C");
    await workbench.terminal.waitForText("ended; press a key", 120_000);
    // The last frames are in sight: each with a file of the kernel and its line.
    assert.match(await workbench.terminal.text(), /\+\d+\s+[\w/.-]+\.[cSh]:\d+/);
    await workbench.screenshot(`program-run-${kernel}`);
    await eventually(async () => assert.equal((await tryInGuest(target, "pgrep -x bpftrace")).code, 1), 30_000);
  });

  it("a frame in the terminal is a link to its line", async () => {
    const { workbench } = lab;
    // Nothing is inlined where it calls: there is no choice to make.
    const [, frame = "", line] = /(__sys_connect\+\d+) {2}net\/socket\.c:(\d+)$/m.exec(await workbench.terminal.text()) ?? [];
    await workbench.terminal.clickLink(frame);
    await workbench.editor.waitForTab("socket.c", 60_000);
    await eventually(async () => assert.equal((await workbench.editor.cursor()).line, Number(line)), 30_000);
    await workbench.screenshot(`program-frame-${kernel}`);
  });
});

describe("a bpftrace program in a window that never had a host", function () {
  this.timeout(120_000);

  it("has its problems and fixes, and hovers, of the language at least", async () => {
    const cache = mkdtempSync(join(tmpdir(), "knetscope-cache-"));
    const workbench = await openWorkbench({ env: { KNETSCOPE_CACHE: cache } });
    try {
      const { page, editor } = workbench;
      writeFileSync(join(workbench.folder, "first.bt"), "interval:s:1 {\n\t@ = coutn();\n\tprint(@);\n}\n");
      await workbench.openFile("first.bt");
      await page.locator(".squiggly-error").first().waitFor({ timeout: 30_000 });
      await editor.hoverSays("print", /Since bpftrace/);
      await page.keyboard.press("F8");
      await page.keyboard.press("Control+.");
      await page.getByText("Change to “count”").first().waitFor();
      await page.keyboard.press("Enter");
      await eventually(async () => assert.match(await editor.text(), /@ = count\(\)/), 20_000);
      await workbench.screenshot("program-without-host");
    } finally {
      await workbench.close();
      rmSync(cache, { recursive: true, force: true });
    }
  });
});
