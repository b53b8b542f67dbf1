import assert from "node:assert/strict";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FrameLocator } from "playwright-core";
import type { Target } from "../../src/target/target";
import { eventually } from "../support/eventually";
import { connectLab } from "../support/labTarget";
import { openZoo, type Zoo } from "../lab/socketZoo";
import { connect, openLabWorkbench, type LabWorkbench } from "./support/openLabWorkbench";

/** A zoo of sockets on a lab host, looked at family by family. */
describe("the socket table", function () {
  this.timeout(300_000);
  let lab: LabWorkbench;
  let target: Target | undefined;
  let zoo: Zoo | undefined;
  let page: FrameLocator;

  before(async () => {
    lab = await openLabWorkbench("6.1", { settings: { "knetscope.listeners.refreshSeconds": 0 } });
    target = await connectLab(lab.target);
    zoo = await openZoo(target);
    await connect(lab.workbench, lab.target);
    // The table is what the pictures are of.
    await lab.workbench.command("Toggle Primary Side Bar Visibility", "View");
    page = lab.workbench.editor.webview();
  });
  after(async () => {
    await zoo?.end();
    await target?.dispose();
    await lab.close();
  });

  const openTable = async (filter: string): Promise<void> => {
    await lab.workbench.command("Query Sockets…");
    const box = page.getByRole("combobox", { name: "Filter on the host" });
    await box.fill(filter);
    await box.press("Escape");
  };
  const run = (): Promise<void> => page.getByRole("combobox", { name: "Filter on the host" }).press("Enter");
  const header = (name: string) => page.getByRole("columnheader", { name, exact: true });

  it("asks for other families by keyboard, and shows the columns that fit them", async () => {
    const { keyboard } = lab.workbench.page;
    await openTable("");
    await page.getByText("TCP, UDP", { exact: true }).focus();
    await keyboard.press("ArrowDown");
    await keyboard.press("Space");
    await page.getByRole("checkbox", { name: "UNIX" }).press("Space");
    await page.getByRole("checkbox", { name: "UDP", exact: true }).press("Space");
    await lab.workbench.screenshot("protocols-menu");
    await keyboard.press("Escape");
    await run();
    await page.getByRole("row", { name: /unix dgram UNCONN @zoo@dgram/ }).waitFor({ timeout: 30_000 });
    await header("Peer").waitFor();
    assert.equal(await header("RTT (ms)").count(), 0);
    await lab.workbench.screenshot("unix-sockets");
  });

  it("remembers order and widths for the next table", async () => {
    const { keyboard } = lab.workbench.page;
    await page.getByRole("button", { name: "Local" }).press("Enter");
    await page.locator('[aria-sort="ascending"]').waitFor();
    await page.getByRole("button", { name: "Local" }).focus();
    await keyboard.press("ArrowRight");
    await keyboard.press("Shift+ArrowRight");
    await page.getByText(/Peer: \d+ pixels wide/).waitFor();
    const width = Number(/Peer: (\d+)/.exec((await page.getByRole("status").last().textContent()) ?? "")?.[1]);
    await lab.workbench.editor.closeAll();
    await openTable("src unix:@zoo*");
    await run();
    await page.getByRole("row", { name: /@zoo@dgram/ }).waitFor({ timeout: 30_000 });
    assert.equal(await header("Local ▲").or(header("Local")).getAttribute("aria-sort"), "ascending");
    assert.equal(await header("Peer").evaluate((element) => (element as HTMLElement).offsetWidth), width);
  });

  it("goes into the cells of a row, each of which says what it is", async () => {
    const grid = page.getByRole("grid");
    await grid.focus();
    for (let cell = 0; cell < 4; cell++) await grid.press("ArrowRight");
    const active = await grid.getAttribute("aria-activedescendant");
    assert.equal(await page.locator(`[id="${active ?? ""}"]`).textContent(), "@zoo@dgram");
    await grid.press("Enter");
    await page.getByRole("region", { name: "Socket details" }).getByText("dgram", { exact: true }).waitFor();
    await lab.workbench.screenshot("unix-details");
    await page.getByRole("button", { name: "Hide socket details" }).click();
  });

  it("shows all families together, and says why one is missing", async () => {
    await page.getByText("UNIX", { exact: true }).first().focus();
    await lab.workbench.page.keyboard.press("ArrowDown");
    await page.getByRole("button", { name: "All of them" }).click();
    await lab.workbench.page.keyboard.press("Escape");
    await page.getByRole("combobox", { name: "Filter on the host" }).fill("");
    await page.getByRole("combobox", { name: "Filter on the host" }).press("Escape");
    await run();
    await page.getByText(/xsk_diag is not usable: its file is not installed/).waitFor({ timeout: 60_000 });
    // Only rows in sight exist.
    const find = page.getByRole("searchbox", { name: "Find here" });
    for (const [words, name] of [["rtnl", /netlink .*rtnl/], ["association", /sctp .*association/], ["packet", /packet/], [":4242", /vsock/]] as const) {
      await find.fill(words);
      await page.getByRole("row", { name }).first().waitFor({ timeout: 30_000 });
    }
    await find.fill("");
    await page.getByText(/^[\d,]+ sockets on/).waitFor();
    await lab.workbench.screenshot("all-families");
  });

  it("saves what it shows as CSV and as JSON", async () => {
    const folder = mkdtempSync(join(tmpdir(), "knetscope-export-"));
    for (const format of ["CSV", "JSON"]) {
      const file = join(folder, `sockets.${format.toLowerCase()}`);
      await page.getByRole("button", { name: `Export ${format}` }).click();
      await lab.workbench.quick.enter(file, { title: "Export Sockets" });
      const shown = Number(/^([\d,]+) sockets/.exec((await page.getByRole("status").last().textContent()) ?? "")?.[1]?.replaceAll(",", ""));
      const lines = await eventually(() => {
        const found = readFileSync(file, "utf8").trimEnd().split("\n");
        assert.equal(found.length, format === "CSV" ? shown + 1 : shown);
        return found;
      });
      if (format === "JSON") assert.ok(lines.some((line) => (JSON.parse(line) as { protocol: string }).protocol === "netlink"));
      else assert.match(lines[0] ?? "", /^Namespace,Protocol,Type,State,Local,Remote,Peer/);
    }
  });
});
