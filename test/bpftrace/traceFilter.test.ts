import assert from "node:assert/strict";
import { filterConditions } from "../../src/bpftrace/traceFilter";

describe("filterConditions", () => {
  const places = { ports: ["$a", "$b"], netns: ["$n"] };
  it("compares ports as they lie in the target's memory", () => {
    assert.deepEqual(filterConditions({ port: 80 }, places, "little"), ["$a == 20480 || $b == 20480"]);
    assert.deepEqual(filterConditions({ port: 80 }, places, "big"), ["$a == 80 || $b == 80"]);
  });
  it("joins what is asked for", () => assert.deepEqual(filterConditions({ pid: 7, netns: 4026531840, cgroup: "/sys/fs/cgroup/system.slice/a-b.service" }, places, "little"), [
    "pid == 7", "$n == 4026531840", 'cgroup == cgroupid("/sys/fs/cgroup/system.slice/a-b.service")',
  ]));
  it("refuses what is none, and what could end the program's string", () => {
    for (const port of [0, 65536, 1.5, NaN]) assert.throws(() => filterConditions({ port }, places, "little"), RangeError);
    for (const cgroup of ["x", '/a"; system("x', "/a\\x", "/a b"]) assert.throws(() => filterConditions({ cgroup }, places, "little"), RangeError);
    assert.throws(() => filterConditions({ port: 1 }, {}, "little"), /does not know ports/);
  });
});
