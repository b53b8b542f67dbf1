import assert from "node:assert/strict";
import { vaddr } from "../../../src/base/brands";
import { RateMeter } from "../../../src/vscode/traces/rateMeter";
import { traceJson } from "../../../src/session/savedTrace";
import { TraceRegistry } from "../../../src/vscode/traces/traceRegistry";
import { facts, resetGroup } from "../support/samples";
import { traceWith } from "../support/traceWith";

describe("RateMeter", () => {
  it("tells events per second of the last window", () => {
    const meter = new RateMeter(5000);
    for (let second = 0; second <= 10; second++) meter.sample(second * 1000, second * 3);
    assert.equal(meter.perSecond(10_000, 30), 3);
  });
  it("falls to 0 in silence", () => {
    const meter = new RateMeter(5000);
    meter.sample(0, 0);
    meter.sample(100, 50);
    assert.equal(meter.perSecond(20_000, 50), 0);
  });
});

describe("TraceRegistry", () => {
  it("keeps a stopped trace, and forgets a removed one after stopping it", async () => {
    const registry = new TraceRegistry();
    const first = traceWith([], {});
    const second = traceWith([], {});
    const one = registry.add("lab", facts, first.trace);
    const two = registry.add("lab", facts, second.trace);
    assert.deepEqual([registry.shown?.id, registry.running().length], [two.id, 2]);
    await one.trace.stop();
    assert.deepEqual(registry.running().map(({ id }) => id), [two.id]);
    await registry.remove(two.id);
    assert.equal(second.trace.summary().state, "ended");
    assert.deepEqual(registry.list().map(({ id }) => id), [one.id]);
    assert.equal(registry.shown?.id, one.id);
  });
  it("tells of every change", () => {
    const registry = new TraceRegistry();
    const { trace, update } = traceWith([], {});
    registry.add("lab", facts, trace);
    let changes = 0;
    registry.onChange(() => changes++);
    update({ events: 5 });
    assert.equal(changes, 1);
  });
});

describe("traceJson", () => {
  it("writes addresses as hex and all else as it is", () => {
    const group = resetGroup({ stack: [{ input: "f+0x1", status: "ok", lookup: "exact", frames: [], address: vaddr(0xffffffff81000000n) }] });
    const summary = traceWith([], {}).trace.summary();
    const file = JSON.parse(traceJson({ host: "lab", facts, request: { kind: "resets", port: 80 }, summary, groups: [group] })) as { format: string; groups: { stack: { address: string }[] }[] };
    assert.equal(file.format, "knetscope-trace");
    assert.equal(file.groups[0]?.stack[0]?.address, "0xffffffff81000000");
  });
});
