import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { LatestOnly } from "../../../src/vscode/async/latestOnly";
import { Repeater } from "../../../src/vscode/async/repeater";
import { Throttle } from "../../../src/vscode/async/throttle";

describe("LatestOnly", () => {
  it("aborts the run before and gives only the last answer", async () => {
    const latest = new LatestOnly();
    const signals: AbortSignal[] = [];
    const task = (value: number) => async (signal: AbortSignal) => {
      signals.push(signal);
      await sleep(5);
      return value;
    };
    const [first, second] = await Promise.all([latest.run(task(1)), latest.run(task(2))]);
    assert.deepEqual([first, second], [undefined, 2]);
    assert.deepEqual(signals.map((signal) => signal.aborted), [true, false]);
    assert.equal(latest.running, false);
  });
  it("hides the failure of a run that was overtaken, and no other", async () => {
    const latest = new LatestOnly();
    const failing = latest.run<number>(() => Promise.reject(new Error("old")));
    const current = latest.run(() => Promise.reject(new Error("new")));
    assert.equal(await failing, undefined);
    await assert.rejects(current, /new/);
  });
});

describe("Throttle", () => {
  it("acts at once, then once more for any number of triggers, and never after its end", async () => {
    let calls = 0;
    const throttle = new Throttle(() => {
      calls++;
    }, 20);
    for (let i = 0; i < 10; i++) throttle.trigger();
    assert.equal(calls, 1);
    await sleep(100);
    assert.equal(calls, 2);
    throttle.trigger();
    throttle.trigger();
    throttle.dispose();
    await sleep(60);
    assert.equal(calls, 3);
  });
});

describe("Repeater", () => {
  it("runs only while wanted, never twice at a time", async () => {
    let running = 0;
    let most = 0;
    let runs = 0;
    const repeater = new Repeater(async () => {
      most = Math.max(most, ++running);
      await sleep(3);
      running--;
      runs++;
    }, () => 2);
    repeater.restart();
    assert.equal(most, 0);
    repeater.setWanted(true);
    while (runs < 3) await sleep(2);
    repeater.setWanted(false);
    await sleep(10);
    const stopped = runs;
    await sleep(15);
    assert.deepEqual([most, runs], [1, stopped]);
  });
  it("runs once and no more with an interval of 0", async () => {
    let runs = 0;
    const repeater = new Repeater(() => {
      runs++;
      return Promise.resolve();
    }, () => 0);
    repeater.setWanted(true);
    await sleep(10);
    assert.equal(runs, 1);
    repeater.restart();
    await sleep(10);
    assert.equal(runs, 2);
    repeater.dispose();
  });
});
