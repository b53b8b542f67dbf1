import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../support/eventually";
import { openWorkbench } from "./support/openWorkbench";
import type { Workbench } from "./support/workbench";

const program = `kprobe:tcp_v4_send_reset
{
$sk=(struct sock *)arg0;
  if ($sk!=0) { @hits[kstack]=count(); }
}

interval:s:5 {
    print(@hits); clear(@hits);
}
`;

/** What every language of the editor has, for bpftrace programs: no host is needed. */
describe("editing a bpftrace program", function () {
  this.timeout(120_000);
  const cache = mkdtempSync(join(tmpdir(), "knetscope-cache-"));
  let workbench: Workbench;

  before(async () => {
    workbench = await openWorkbench({ env: { KNETSCOPE_CACHE: cache } });
  });
  after(async () => {
    await workbench.close();
    rmSync(cache, { recursive: true, force: true });
  });
  beforeEach(async () => {
    writeFileSync(join(workbench.folder, "edited.bt"), program);
    await workbench.openFile("edited.bt");
    await eventually(async () => assert.match(await workbench.editor.text(), /^kprobe:tcp_v4_send_reset\n\{/), 20_000);
    await press("Control+Home");
    // The server's first word: until then the editor knows no formatter and no names.
    await workbench.page.locator(".codelens-decoration", { hasText: "Check on Host" }).first().waitFor();
  });
  afterEach(async () => {
    await workbench.command("Revert File", "File");
    await workbench.editor.closeAll();
  });

  const press = (key: string): Promise<void> => workbench.page.keyboard.press(key);
  /** Puts the cursor on the first occurrence. */
  const goTo = async (text: string): Promise<void> => {
    const before = program.slice(0, program.indexOf(text) + 1).split("\n");
    await press("Control+G");
    await workbench.quick.type(`:${before.length}:${before.at(-1)?.length ?? 1}`);
    await press("Enter");
  };

  it("formats it", async () => {
    const formatted = ["kprobe:tcp_v4_send_reset", "{", "→$sk = (struct sock *)arg0;", "→if ($sk != 0) { @hits[kstack] = count(); }", "}", "", "interval:s:5 {", "→print(@hits); clear(@hits);", "}", ""];
    const isFormatted = async (): Promise<void> => assert.deepEqual((await workbench.editor.text()).split("\n").map((line) => line.replace(/^\s+/, "→")), formatted);
    // Asked before the editor has heard of a formatter, it says that there is none.
    await eventually(async () => {
      await press("Escape");
      await workbench.quick.runCommand("Format Document");
      await eventually(isFormatted, 4_000);
    }, 40_000);
    await workbench.screenshot("editing-formatted");
  });

  it("renames a map everywhere", async () => {
    await goTo("hits");
    await press("F2");
    await workbench.page.locator(".rename-box input:focus").waitFor();
    await workbench.page.keyboard.type("@resets");
    await workbench.screenshot("editing-rename");
    await press("Enter");
    await eventually(async () => assert.equal([...(await workbench.editor.text()).matchAll(/@resets\b/g)].length, 3), 20_000);
  });

  it("shows where a map is used", async () => {
    await goTo("hits");
    await press("Shift+F12");
    const rows = workbench.page.locator(".peekview-widget .ref-tree .monaco-list-row .referenceMatch");
    await eventually(async () => assert.equal(await rows.count(), 3), 20_000);
    await workbench.screenshot("editing-references");
    await press("Escape");
  });

  it("folds a probe, and has an outline of probes", async () => {
    await goTo("$sk=");
    await press("Control+Shift+BracketLeft");
    await eventually(async () => assert.doesNotMatch(await workbench.editor.visibleText(), /count\(\)/), 20_000);
    await workbench.command("Focus on Outline View", "Explorer");
    const rows = workbench.page.locator(".outline-pane .monaco-list-row .label-name, .outline-tree .monaco-list-row .label-name");
    await eventually(async () => assert.deepEqual((await rows.allTextContents()).filter((text) => /:/.test(text)), ["kprobe:tcp_v4_send_reset", "interval:s:5"]), 20_000);
    await workbench.screenshot("editing-outline");
  });
});
