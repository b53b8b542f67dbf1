import assert from "node:assert/strict";
import { eventually } from "../support/eventually";
import { tryInGuest } from "../lab/guestControl";
import { runScenario } from "../lab/runScenario";
import { connect, openLabWorkbench, type LabWorkbench } from "./support/openLabWorkbench";

/** From “who resets us?” to the line of the kernel that did it, as a person goes. The listeners' test covers 6.1; this one takes the newer kernel. */
describe("who sends resets, and which line did it", function () {
  this.timeout(300_000);
  let lab: LabWorkbench;

  before(async () => {
    lab = await openLabWorkbench("6.12");
    await connect(lab.workbench, lab.target);
  });
  after(() => lab.close());

  it("three scenarios are three groups with their causes", async () => {
    const { workbench, target } = lab;
    await workbench.command("Trace TCP Resets");
    const traces = await workbench.view("Traces");
    await traces.waitForRow(`TCP resets on ${target.alias}`, 120_000);
    await traces.maximize();
    for (const name of ["closed-port", "close-unread", "linger-zero"]) assert.equal((await runScenario(name, target.name)).seen, true, name);
    for (const cause of [/\d× Nothing listens/, /\d× .*unread/i, /\d× .*SO_LINGER/]) await traces.waitForRow(cause, 60_000);
    await workbench.screenshot("traces");
  });

  it("a frame opens the kernel source at the line that sent the reset", async () => {
    const { workbench } = lab;
    const traces = await workbench.view("Traces");
    await traces.expand(/\d× Nothing listens/);
    await traces.waitForRow("tcp_v4_rcv", 60_000);
    await workbench.screenshot("trace-group");
    await traces.click("tcp_v4_rcv");
    await workbench.editor.waitForTab("tcp_ipv4.c", 90_000);
    await eventually(async () => assert.match(await workbench.editor.cursorLine(), /tcp_v4_send_reset\(/), 30_000);
    await workbench.screenshot("readme-source");
  });

  it("stopping leaves no tracer on the host", async () => {
    const { workbench, target } = lab;
    await workbench.command("Stop Trace");
    const traces = await workbench.view("Traces");
    await eventually(async () => assert.match(await traces.text(), new RegExp(`TCP resets on ${target.alias} .*ended`)), 60_000);
    assert.equal((await tryInGuest(target, "pgrep -x bpftrace")).code, 1, "no bpftrace runs");
  });

  it("drops have the kernel's reason, what it means, and the line that dropped", async () => {
    const { workbench, target } = lab;
    await workbench.command("Trace Packet Drops");
    const traces = await workbench.view("Traces");
    await traces.waitForRow(`Packet drops on ${target.alias}`, 120_000);
    assert.equal(await runScenario("drops", target.name).then(({ scenario }) => scenario), "drops");
    await traces.waitForRow(/\d× Dropped by a firewall rule/, 90_000);
    await traces.waitForRow(/\d× Nothing listens there/, 60_000);
    await workbench.screenshot("drops");
    await traces.expand(/\d× Dropped by a firewall rule/);
    await traces.waitForRow("nft_do_chain", 60_000);
    await workbench.screenshot("drops-group");
    await workbench.command("Stop Trace");
    await eventually(async () => assert.match(await traces.text(), new RegExp(`Packet drops on ${target.alias} .*ended`)), 60_000);
  });
});
