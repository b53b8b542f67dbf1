import assert from "node:assert/strict";
import { counterRates, rateText, type CountersSnapshot } from "../../src/collectors/counterRates";
import { takeCounters } from "../../src/collectors/takeCounters";
import { counterMeanings } from "../../src/knowledge/counterMeanings";
import { hostFactsProbe } from "../../src/probes/hostFactsProbe";
import { runProbe } from "../../src/probes/probe";
import { localTarget } from "../../src/target/localTarget";

const look = (takenAt: number, ...counters: Record<string, number>[]): CountersSnapshot => ({
  takenAt, notes: [], namespaces: counters.map((values, index) => ({ netns: { inode: index + 1, name: `n${index}`, isInit: index === 0 }, counters: values, limits: {} })),
});

describe("rates of counters", () => {
  it("are those of each namespace, in the order of the topics", () => {
    const rates = counterRates(look(4000, { TcpOutRsts: 9, TcpExtListenDrops: 5, IpInReceives: 7 }, { TcpOutRsts: 1 }), look(2000, { TcpOutRsts: 5, TcpExtListenDrops: 5 }));
    assert.deepEqual(rates.map(({ netns, name, value, delta, rate }) => [netns.name, name, value, delta, rate]), [
      ["n0", "TcpExtListenDrops", 5, 0, 0], ["n0", "TcpOutRsts", 9, 4, 2], ["n1", "TcpOutRsts", 1, undefined, undefined],
    ]);
  });

  it("are unknown for a first look, and for a counter that was not there", () => {
    assert.deepEqual(counterRates(look(1, { TcpOutRsts: 9 })).map(({ delta }) => delta), [undefined]);
    assert.deepEqual(counterRates(look(2, { TcpOutRsts: 9 }), look(1, {})).map(({ delta }) => delta), [undefined]);
  });

  it("are written with as many digits as tell", () => assert.deepEqual([0.0123, 2, 41.4, 1234.6].map(rateText), ["0.012/s", "2/s", "41/s", "1235/s"]));
});

describe("counters of this machine", () => {
  it("are the kernel's own, and nearly all that have a meaning are there", async () => {
    const target = localTarget();
    const facts = await runProbe(target, hostFactsProbe);
    for (const kind of ["perl", "python3", "proc"] as const) {
      const { namespaces } = await takeCounters(target, facts, { pumps: [kind], privilege: "user" });
      const counters = namespaces[0]?.counters ?? {};
      const missing = [...counterMeanings.keys()].filter((name) => counters[name] === undefined);
      assert.ok(missing.length <= 3, `${kind}: ${missing.join(" ")}`);
    }
    await target.dispose();
  });
});
