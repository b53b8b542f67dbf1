import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asChainFrame } from "../../src/collectors/traces/chainFrame";
import type { ResetEvent } from "../../src/collectors/traces/resetModel";
import type { TraceGroup } from "../../src/collectors/traces/traceModel";
import { explainReset } from "../../src/knowledge/explainReset";
import type { ResetFacts } from "../../src/knowledge/resetFacts";
import { traceJson } from "../../src/session/savedTrace";
import { makeFrame } from "../../src/stacks/parseFrame";
import { eventually } from "../support/eventually";
import { facts } from "../vscode/support/samples";
import { openWorkbench } from "./support/openWorkbench";
import type { Workbench } from "./support/workbench";

interface Recorded {
  readonly scenario: string;
  readonly event: ResetFacts & Partial<ResetEvent>;
  readonly stack: readonly string[];
}

/** A saved trace of resets that were recorded in the lab; `weight` says how often each was seen. */
function savedTrace(startedAt: number, weight: (index: number) => number): string {
  const recorded = JSON.parse(readFileSync(join(import.meta.dirname, "../fixtures/resets/6.12.json"), "utf8")) as readonly Recorded[];
  const groups = recorded.map(({ event, stack }, index): TraceGroup => {
    const frames = stack.map((text, at) => makeFrame({ symbol: text.split("+")[0], offset: Number(text.split("+")[1] ?? 0), kind: at === 0 ? "exact" : "return" }));
    const own = { ...event, type: "reset", family: event.family ?? "ipv4", process: { pid: 1, name: "python3", isOwner: false }, stack: frames } as ResetEvent;
    const source = { file: "net/ipv4/tcp_ipv4.c", line: 700 + index };
    const resolved = frames.map(({ symbol = "?" }, at) => ({ input: symbol, symbol, status: "ok" as const, lookup: "caller" as const, frames: at === 0 ? [{ function: symbol, source, inlined: false }] : [] }));
    return { key: String(index), count: weight(index), firstSeen: startedAt, lastSeen: startedAt, event: own, explanation: explainReset(event, frames.map(asChainFrame)), stack: resolved };
  });
  const events = groups.reduce((sum, { count }) => sum + count, 0);
  return traceJson({ host: "web1", facts, request: { kind: "resets" }, summary: { state: "ended", events, lost: 0, startedAt, endedAt: startedAt + 60_000, messages: [] }, groups });
}

describe("flame graphs", () => {
  let workbench: Workbench;
  const folder = join(mkdtempSync(join(tmpdir(), "knetscope-flame-")), "workspace");

  before(async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, "monday.json"), savedTrace(Date.UTC(2026, 0, 5, 9), (index) => 3 + (index % 7) * 4));
    writeFileSync(join(folder, "tuesday.json"), savedTrace(Date.UTC(2026, 0, 6, 9), (index) => (index % 5 === 0 ? 60 : 3 + (index % 7) * 3)));
    workbench = await openWorkbench({ folder });
    await workbench.resizeSideBar(520);
  });
  after(() => workbench.close());

  async function importFile(name: string): Promise<void> {
    await workbench.command("Import Trace…");
    await workbench.quick.row(name).click();
    await workbench.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
  }

  it("a saved trace comes back into the Traces view, with its causes", async () => {
    await importFile("monday.json");
    const traces = await workbench.view("Traces");
    await traces.waitForRow("TCP resets on web1", 30_000);
    await traces.waitForRow(/\d× Listener closed/, 30_000);
  });

  it("its stacks as a flame graph: found, walked by keys, zoomed", async () => {
    await workbench.command("Flame Graph");
    const page = workbench.editor.webview();
    await page.locator("canvas").waitFor();
    await eventually(async () => assert.match((await page.locator(".legend").textContent()) ?? "", /^\d+ resets/));
    await workbench.screenshot("flame-graph");
    await page.getByRole("searchbox").fill("tcp_v4_send_reset");
    await eventually(async () => assert.match((await page.locator(".found").textContent()) ?? "", /^\d+ found · \d/));
    await page.getByRole("searchbox").press("Enter");
    await eventually(async () => assert.match((await page.locator("#details").textContent()) ?? "", /^tcp_v4_send_reset · \d+ resets/));
    await page.getByRole("application").focus();
    await page.getByRole("application").press("ArrowUp");
    await eventually(async () => assert.match((await page.locator("#details").textContent()) ?? "", /^tcp_v4_\w+ · /));
    await page.getByRole("application").press(" ");
    await workbench.screenshot("flame-graph-zoomed");
    await page.getByRole("application").press("Escape");
  });

  it("the same as a table, for those who cannot see it", async () => {
    const page = workbench.editor.webview();
    await page.getByRole("button", { name: "Table" }).click();
    await page.getByRole("columnheader", { name: "Function" }).waitFor();
    await page.getByRole("button", { name: /^net\/ipv4\/tcp_ipv4\.c:7/ }).first().waitFor();
    assert.ok((await page.getByRole("row").count()) > 20);
    await workbench.screenshot("flame-graph-table");
  });

  it("two traces compared", async () => {
    await importFile("tuesday.json");
    await workbench.command("Compare Traces…");
    await workbench.quick.waitFor({ title: "Compare Traces: one of them" });
    await workbench.page.keyboard.press("Enter");
    const page = workbench.editor.webview(1);
    await page.locator("canvas").waitFor();
    await eventually(async () => assert.match((await page.locator(".legend").textContent()) ?? "", /Before: web1 .* After: web1 .* by rate/));
    await workbench.screenshot("flame-graph-compared");
  });

  it("in a theme of high contrast", async () => {
    await workbench.command("Color Theme", "Preferences");
    await workbench.quick.type("Dark High Contrast");
    await workbench.page.keyboard.press("Enter");
    await workbench.page.locator(".monaco-workbench.hc-black").waitFor();
    await workbench.screenshot("flame-graph-high-contrast");
  });
});
