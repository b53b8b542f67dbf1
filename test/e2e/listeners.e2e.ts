import assert from "node:assert/strict";
import { eventually } from "../support/eventually";
import { holdScenario } from "../lab/runScenario";
import { connect, openLabWorkbench, type LabWorkbench } from "./support/openLabWorkbench";

describe("listeners of a lab host", () => {
  let lab: LabWorkbench;

  before(async () => {
    lab = await openLabWorkbench("6.1");
  });
  after(() => lab.close());

  it("appear once it is connected", async () => {
    await connect(lab.workbench, lab.target);
    const listeners = await lab.workbench.view("Listeners");
    await listeners.maximize();
    await listeners.expand(lab.target.alias);
    await listeners.waitForRow(/:22\b/, 30_000);
  });

  it("show a full accept queue, and why in Findings", async () => {
    const { workbench, target } = lab;
    const held = await holdScenario("accept-queue-overflow", target.name, 120);
    const [address = "", port = 0] = held.result.listener ?? [];
    const listeners = await workbench.view("Listeners");
    await listeners.maximize();
    // A backlog of 2 holds three: the kernel compares with "greater than".
    await eventually(async () => assert.match(await listeners.text(), new RegExp(`${address}:${port} .*accept 3/3 full`)), 30_000);
    await workbench.screenshot("listeners");
    const findings = await workbench.view("Findings");
    await findings.waitForRow(new RegExp(`:${port}\\b`), 30_000);
    await workbench.screenshot("readme-listeners");
    await held.end();
  });
});
