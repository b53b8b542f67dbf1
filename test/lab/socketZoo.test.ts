/** The zoo of sockets on this machine and its kernel, against this machine's ss. Needs root. */
import assert from "node:assert/strict";
import { hostFactsProbe } from "../../src/probes/hostFactsProbe";
import { runProbe } from "../../src/probes/probe";
import { localTarget } from "../../src/target/localTarget";
import { checkFilters, checkOtherFilters, checkStream, checkZoo } from "./checkZoo";
import { openZoo, type Zoo } from "./socketZoo";

describe("a zoo of sockets of this machine", function () {
  this.timeout(180_000);
  const target = localTarget();
  let zoo: Zoo;

  before(async () => {
    assert.equal(process.getuid?.(), 0, "a network namespace of its own needs root");
    zoo = await openZoo(target);
  });
  after(async () => {
    await zoo.end();
    await target.dispose();
  });

  it("is what ss shows: the same sockets, queues and fields", async () => checkZoo(target, await runProbe(target, hostFactsProbe), zoo));
  it("is the same in a stream that ss wrote", async () => checkStream(target, await runProbe(target, hostFactsProbe), zoo));
  it("is filtered as ss filters", async () => checkFilters(target, await runProbe(target, hostFactsProbe), zoo));
  it("is filtered as ss filters, in other families than TCP", async () => checkOtherFilters(target, await runProbe(target, hostFactsProbe), zoo));
});
