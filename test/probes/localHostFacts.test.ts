import assert from "node:assert/strict";
import { hostFactsProbe } from "../../src/probes/hostFactsProbe";
import { localHostFacts } from "../../src/probes/localHostFacts";
import { runProbe } from "../../src/probes/probe";
import { localTarget } from "../../src/target/localTarget";

it("facts of this machine are the same with and without a shell", async () => {
  const target = localTarget();
  const told = await runProbe(target, hostFactsProbe);
  await target.dispose();
  assert.deepEqual(localHostFacts(), told);
});
