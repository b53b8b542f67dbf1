import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { listenerProblems } from "../../src/session/listenerProblems";
import { downLab } from "./downLab";
import { dropTraces } from "./dropTraces";
import { fullKernels } from "./labKernel";
import { oldPrograms } from "./oldPrograms";
import { ownTarget } from "./ownTarget";
import { resetTraces } from "./resetTraces";
import { traceFaults } from "./traceFaults";
import { tracedHost, type TracedHost } from "./tracedHost";

for (const kernel of fullKernels) {
  const name = ownTarget(`traces-${kernel}`);

  describe(`traces on kernel ${kernel}`, function () {
    this.timeout(400_000);
    let lab: TracedHost;
    before(async function () {
      this.timeout(900_000);
      lab = await tracedHost(kernel, name);
    });
    after(async () => {
      await lab.host.dispose();
      await downLab(name);
    });

    it("a quiet host has no findings", async () => {
      const { host } = lab;
      const look = async () => [...(await host.findings()), ...listenerProblems(await host.listeners())];
      assert.deepEqual(await look(), []);
      await sleep(1000);
      assert.deepEqual(await look(), []);
    });

    dropTraces(() => lab);
    resetTraces(() => lab);
    oldPrograms(() => lab);
    traceFaults(() => lab, kernel === "6.1" ? 0 : 1);
  });
}
