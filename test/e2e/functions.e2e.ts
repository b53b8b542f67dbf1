import assert from "node:assert/strict";
import { eventually } from "../support/eventually";
import { inGuest } from "../lab/guestControl";
import { connect, openLabWorkbench, type LabWorkbench } from "./support/openLabWorkbench";

/** Connects ten times to a port where nobody listens. */
const connects = "python3 -c 'import socket\nfor i in range(10): socket.socket().connect_ex((\"127.0.0.1\", 9))'";

/** One function of the kernel: who calls it, as a flame graph and beside the source; then what it calls, with times. */
describe("a function of the kernel", function () {
  this.timeout(300_000);
  let lab: LabWorkbench;

  before(async () => {
    lab = await openLabWorkbench("6.12");
    // Software emulation may let one CPU run into what another has half patched (test/lab/callGraph.test.ts).
    await inGuest(lab.target, "echo 0 >/sys/devices/system/cpu/cpu1/online");
    await connect(lab.workbench, lab.target);
  });
  after(() => lab.close());

  it("its calls are stacks, and each line of the source that they passed says how many", async () => {
    const { workbench, target } = lab;
    await workbench.command("Trace Kernel Function…");
    await workbench.quick.enter("tcp_v4_connect", { title: "Trace Kernel Function" });
    const traces = await workbench.view("Traces");
    await traces.waitForRow(`Calls of tcp_v4_connect on ${target.alias}`, 120_000);
    await traces.maximize();
    await inGuest(target, connects);
    await traces.expand(/^\d+× from __inet_stream_connect/, 60_000);
    await traces.waitForRow("__inet_stream_connect", 60_000);
    await workbench.screenshot("function");
    await traces.click("__inet_stream_connect");
    await workbench.editor.waitForTab("af_inet.c", 90_000);
    await eventually(async () => assert.match(await workbench.editor.cursorLine(), /->connect\(/), 30_000);
    await eventually(async () => assert.match((await workbench.editor.annotations()).join("\n"), /◂ \d+ calls/), 30_000);
    await workbench.screenshot("function-source");
  });

  it("its stacks are a flame graph, which opens the source", async () => {
    const { workbench } = lab;
    await workbench.command("Flame Graph");
    const page = workbench.editor.webview();
    await page.locator("canvas").waitFor();
    await page.getByRole("searchbox").fill("__sys_connect");
    await page.getByRole("searchbox").press("Enter");
    await eventually(async () => assert.match((await page.locator("#details").textContent()) ?? "", /__sys_connect\w* · \d+ calls/), 30_000);
    await workbench.screenshot("function-flame-graph");
    await page.getByRole("application").press("Enter");
    await workbench.editor.waitForTab("socket.c", 60_000);
    await workbench.command("Stop Trace");
  });

  it("what it calls is a tree with times, whose rows open the source", async () => {
    const { workbench, target } = lab;
    await workbench.command("Trace Call Graph…");
    await workbench.quick.enter("tcp_v4_connect", { prompt: "A function" });
    await workbench.quick.enter("depth=2 comm=python3", { prompt: "How deep" });
    const traces = await workbench.view("Traces");
    await traces.waitForRow(`Call graph of tcp_v4_connect on ${target.alias}`, 180_000);
    await inGuest(target, connects);
    await traces.expand(/× tcp_v4_connect/, 120_000);
    await traces.waitForRow("tcp_connect", 60_000);
    await workbench.screenshot("call-graph");
    await traces.click("tcp_connect");
    await workbench.editor.waitForTab("tcp_output.c", 90_000);
    // The function's first instruction is that of its opening brace.
    await eventually(async () => assert.match(await workbench.editor.visibleText(), /^int tcp_connect\(struct sock \*sk\)\n\{/m), 30_000);
    await eventually(async () => assert.match(await workbench.editor.cursorLine(), /^\{/), 30_000);
    await workbench.screenshot("call-graph-source");
    await workbench.command("Stop Trace");
    await eventually(async () => assert.match(await traces.text(), /Call graph of tcp_v4_connect .*ended/), 120_000);
  });
});
