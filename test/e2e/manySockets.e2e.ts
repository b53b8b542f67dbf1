import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { resolve } from "node:path";
import { eventually } from "../support/eventually";
import { openWorkbench } from "./support/openWorkbench";
import type { Workbench } from "./support/workbench";

const count = 100_000;

/** That many connections in a network namespace of their own on this machine; they end with it. */
async function makeSockets(): Promise<ChildProcess> {
  const load = resolve(import.meta.dirname, "../bench/socketLoad.py");
  const script = 'ip link set lo up; sysctl -qw net.ipv4.ip_local_port_range="20000 65535"; exec python3 "$@"';
  const child = spawn("unshare", ["-n", "-p", "-f", "--mount-proc", "--kill-child", "sh", "-c", script, "sh", load, String(count)], { stdio: ["pipe", "pipe", "inherit"] });
  await new Promise<void>((done, failed) => {
    child.stdout.on("data", (text: Buffer) => text.includes("READY") && done());
    child.once("exit", (code) => failed(new Error(`socketLoad.py ended with ${code ?? "a signal"}`)));
  });
  return child;
}

describe("a table of 100,000 sockets", () => {
  let workbench: Workbench;
  let sockets: ChildProcess;

  before(async () => {
    sockets = await makeSockets();
    workbench = await openWorkbench();
  });
  after(async () => {
    // unshare ignores the gentler ones while its child lives.
    sockets.kill("SIGKILL");
    await workbench.close();
  });

  it("is read, scrolled to its end, sorted and searched", async () => {
    const hosts = await workbench.view("Hosts");
    await hosts.clickAction("local", "Connect");
    await workbench.command("Query Sockets…");
    const page = workbench.editor.webview();
    const box = page.getByRole("combobox", { name: "Filter on the host" });
    await box.fill("state established src 127.0.0.0/8 and ( sport < :5100 and sport > :5000 or dport < :5100 and dport > :5000 )");
    await box.press("Escape");
    await box.press("Enter");
    await page.getByText(/^100,000 sockets/).waitFor({ timeout: 60_000 });
    await page.getByRole("row", { name: /ESTAB 127\./ }).first().waitFor();
    await workbench.screenshot("many-sockets");
    // The rows do not wait for the names of those who hold them.
    await page.getByRole("row", { name: /ESTAB 127\..* python3\[\d+\]/ }).first().waitFor({ timeout: 60_000 });
    const grid = page.getByRole("grid");
    assert.equal(await grid.getAttribute("aria-rowcount"), String(count + 1));
    await grid.press("End");
    await page.locator(`[aria-rowindex="${count + 1}"]:not([aria-busy])`).waitFor();
    await page.getByRole("button", { name: "Local" }).click();
    await eventually(async () => assert.match((await page.locator('[aria-rowindex="2"]').textContent()) ?? "", /127\.0\.0\.1:5001/), 60_000);
    await page.getByRole("searchbox", { name: "Find here" }).fill("127.0.0.1:5003");
    await page.getByText(/ of 100,000 sockets/).waitFor({ timeout: 60_000 });
    await workbench.screenshot("many-sockets-found");
  });
});
