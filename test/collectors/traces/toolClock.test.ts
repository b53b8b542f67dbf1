import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { ToolClock } from "../../../src/collectors/traces/toolClock";

describe("ToolClock", () => {
  const isDone = (promise: Promise<void>): Promise<boolean> => Promise.race([promise.then(() => true), sleep(5, false)]);

  it("waits for nothing that was never told", async () => assert.ok(await isDone(new ToolClock().caughtUp())));

  it("waits until the tool has handed on what happened until then, however slow the way was in between", async () => {
    const clock = new ToolClock();
    clock.note(1000, 50_010);
    // Read 5 s late: at the tool's 6200 it was 55 210 here.
    clock.note(1200, 55_210);
    assert.ok(await isDone(clock.caughtUp(50_100)));
    const wait = clock.caughtUp(55_300);
    clock.note(6200, 55_400);
    assert.equal(await isDone(wait), false);
    clock.note(6400, 55_415);
    assert.ok(await isDone(wait));
  });

  it("learns from the quickest way", async () => {
    const clock = new ToolClock();
    clock.note(0, 900);
    clock.note(200, 300);
    assert.equal(await isDone(clock.caughtUp(310)), false);
  });
});
