import assert from "node:assert/strict";
import { openWorkbench } from "./support/openWorkbench";
import type { Workbench } from "./support/workbench";

describe("the views of a fresh window", () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await openWorkbench();
  });
  after(() => workbench.close());

  it("are four in the activity bar's container KNetScope", async () => {
    await workbench.openContainer();
    assert.deepEqual(await workbench.viewTitles(), ["Hosts", "Listeners", "Traces", "Findings"]);
  });

  it("list this machine as a host", async () => {
    const hosts = await workbench.view("Hosts");
    await hosts.waitForRow("local");
  });

  it("say what to do while they are empty", async () => {
    const [listeners, traces, findings] = [await workbench.view("Listeners"), await workbench.view("Traces"), await workbench.view("Findings")];
    assert.match((await listeners.welcome()).join("\n"), /Listening sockets .*\nConnect to a Host/);
    assert.match((await traces.welcome()).join("\n"), /A trace shows .*\nTrace TCP Resets/);
    assert.match((await findings.welcome()).join("\n"), /Problems of connected hosts .*\nConnect to a Host/);
    await workbench.screenshot("views");
  });
});
