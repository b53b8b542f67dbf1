import assert from "node:assert/strict";
import { withinTime } from "../../src/base/withinTime";

describe("withinTime", () => {
  it("gives what the function gives", () => {
    const value = { kept: true };
    assert.equal(withinTime(() => value, 10_000), value);
  });

  it("passes on what it throws, and serves again", () => {
    const error = new RangeError("of its own");
    assert.throws(() => withinTime(() => { throw error; }, 10_000), error);
    assert.equal(withinTime(() => 7, 10_000), 7);
  });

  it("ends a loop that never would", () => {
    let turns = 0;
    const loop = (): void => {
      for (;;) turns += 1;
    };
    assert.throws(() => {
      withinTime(loop, 50);
    }, { code: "ERR_SCRIPT_EXECUTION_TIMEOUT" });
    assert.ok(turns > 0);
    assert.equal(withinTime(() => "goes on", 10_000), "goes on");
  });
});
