import { strict as assert } from "node:assert";
import { resetCauseIds } from "../../src/knowledge/cause";
import { checkScenario } from "./checkScenario";
import type { ScenarioResult } from "./runScenario";
import { findScenario } from "./runScenario";
import { resetScenarios, scenarios } from "./scenarioCatalog";

/** Causes that show only when more is asked for than the reset itself, and the scenario in which `resetTraces` does so. */
const askedFor = new Map([["nat-not-applied", "conntrack-invalid"], ["forwarded", "forwarded-reset"], ["raw-socket", "raw-reset"], ["received", "closed-port"]]);

describe("the catalog of scenarios", () => {
  it("has a scenario for every cause of a reset", () => {
    const made = new Set<string>([...resetScenarios.map((scenario) => scenario.cause), ...askedFor.keys()]);
    assert.deepEqual(resetCauseIds.filter((id) => id !== "unknown" && !made.has(id)), []);
    for (const name of askedFor.values()) assert.equal(findScenario(name).name, name);
  });

  it("gives each scenario its own name and ports", () => {
    assert.equal(new Set(scenarios.map((scenario) => scenario.name)).size, scenarios.length);
    const ports = scenarios.map((scenario) => scenario.port).sort((a, b) => a - b);
    for (const [index, port] of ports.entries()) assert.ok(index === 0 || port - ports[index - 1]! >= 4, `port ${port} is too near`);
  });
});

describe("the check of a scenario", () => {
  const scenario = findScenario("linger-zero");
  const good: ScenarioResult = {
    scenario: "linger-zero", release: "6.1", observed: {}, seen: true,
    local: { address: "127.0.0.1", port: scenario.port }, remote: { address: "127.0.0.1", port: 40000 }, resets: [],
    traced: [{ name: "tcp_send_active_reset", text: "", process: "python3", pid: 1, stack: ["tcp_send_active_reset+0x1/0x10", "tcp_disconnect+0x2/0x20", "__tcp_close+0x3/0x30"] }],
  };

  it("accepts what the catalog says", () => assert.deepEqual(checkScenario(scenario, good), []));

  it("sees a missing RST, a wrong port and a wrong caller", () => {
    assert.equal(checkScenario(scenario, { ...good, seen: false }).length, 1);
    assert.equal(checkScenario(scenario, { ...good, local: { address: "127.0.0.1", port: 1 } }).length, 1);
    assert.equal(checkScenario(scenario, { ...good, traced: good.traced!.map((call) => ({ ...call, stack: call.stack.slice(0, 2) })) }).length, 1);
  });

  it("compares what was observed, with lower bounds in brackets", () => {
    const queue = findScenario("accept-queue-overflow");
    const counters = { ListenOverflows: 5, ListenDrops: 7 };
    const observed = { acceptQueue: { length: 3, limit: 2 }, synQueue: 0, counters, resets: 0 };
    assert.deepEqual(checkScenario(queue, { scenario: queue.name, release: "", observed }), []);
    assert.equal(checkScenario(queue, { scenario: queue.name, release: "", observed: { ...observed, counters: { ...counters, ListenDrops: 4 } } }).length, 1);
    assert.equal(checkScenario(queue, { scenario: queue.name, release: "", observed: { ...observed, acceptQueue: { length: 2, limit: 2 } } }).length, 1);
  });
});
