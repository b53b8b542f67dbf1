import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { ListenersSnapshot } from "../../../src/collectors/socketModel";
import { HostRegistry } from "../../../src/vscode/hosts/hostRegistry";
import { connectionsFilter } from "../../../src/vscode/listeners/connectionsFilter";
import { DropBaseline } from "../../../src/vscode/listeners/dropBaseline";
import { ListenersService } from "../../../src/vscode/listeners/listenersService";
import type { Host } from "../../../src/session/host";
import { hostWith } from "../support/hostWith";
import { listener, listenerWithoutDrops } from "../support/samples";

describe("DropBaseline", () => {
  it("counts from the first look for what was there, from birth for what came later", () => {
    const baseline = new DropBaseline();
    baseline.observe([listener({ drops: 100 })]);
    baseline.observe([listener({ drops: 112 }), listener({ inode: 9, drops: 3 })]);
    assert.equal(baseline.since(listener({ drops: 112 })), 12);
    assert.equal(baseline.since(listener({ inode: 9, drops: 3 })), 3);
  });
  it("does not know what the kernel did not tell", () => {
    const baseline = new DropBaseline();
    const unknown = listenerWithoutDrops();
    baseline.observe([unknown]);
    assert.equal(baseline.since(unknown), undefined);
  });
  it("starts at the first number the kernel tells of a listener that was there before", () => {
    const baseline = new DropBaseline();
    baseline.observe([listenerWithoutDrops()]);
    baseline.observe([listener({ drops: 7 })]);
    assert.equal(baseline.since(listener({ drops: 8 })), 1);
  });
  it("survives the counter's wrap", () => {
    const baseline = new DropBaseline();
    baseline.observe([listener({ drops: 0xffff_fffe })]);
    assert.equal(baseline.since(listener({ drops: 3 })), 5);
  });
});

describe("connectionsFilter", () => {
  const check = (address: string, expected: string): void => assert.equal(connectionsFilter({ family: "ipv4", local: { address, port: 80 } }), expected);
  it("takes every address of a wildcard", () => check("0.0.0.0", "sport = :80"));
  it("takes the one address otherwise", () => check("10.0.0.1", "src 10.0.0.1:80"));
  it("takes the name of a unix listener", () => assert.equal(connectionsFilter({ family: "unix", local: { address: "/run/x.sock" } }), "src unix:/run/x.sock"));
  it("puts IPv6 in brackets", () => check("::1", "src [::1]:80"));
});

describe("ListenersService", () => {
  const snapshot = (takenAt: number): ListenersSnapshot => ({ takenAt, listeners: [listener()], namespaces: [], source: "sock_diag", findings: [], notes: [] });

  it("keeps the last good look beside the error of a later one", async () => {
    const answers = [() => Promise.resolve(snapshot(0)), () => Promise.resolve(snapshot(1)), () => Promise.reject(new Error("broken"))];
    const registry = new HostRegistry(() => Promise.resolve(hostWith("web", { listeners: () => answers.shift()?.() ?? Promise.reject(new Error("asked too often")) }).host));
    const service = new ListenersService(registry);
    await registry.connect("web");
    await service.refreshAll();
    await service.refreshAll();
    const [state] = service.list();
    assert.equal(state?.snapshot?.takenAt, 1);
    assert.match(String(state.error), /broken/);
  });
  it("shows rows before their processes at the first look, and never takes processes away again", async () => {
    const asked: (boolean | undefined)[] = [];
    const shown: (true | undefined)[] = [];
    const listeners: Host["listeners"] = (_, query) => {
      asked.push(query?.owners);
      return Promise.resolve({ ...snapshot(asked.length), listeners: [listener(query?.owners === false ? { processes: [], ownersUnasked: true } : {})] });
    };
    const registry = new HostRegistry(() => Promise.resolve(hostWith("web", { listeners }).host));
    const service = new ListenersService(registry);
    service.onChange(() => {
      const [one] = service.list()[0]?.snapshot?.listeners ?? [];
      if (one) shown.push(one.ownersUnasked);
    });
    await registry.connect("web");
    await service.refresh("web");
    await service.refresh("web");
    assert.deepEqual([asked, shown], [[false, undefined, undefined], [true, undefined, undefined, undefined]]);
  });
  it("lets only the latest of two looks count", async () => {
    let asked = 0;
    const listeners = async (): Promise<ListenersSnapshot> => {
      const number = ++asked;
      await sleep(number === 1 ? 20 : 1);
      return snapshot(number);
    };
    const registry = new HostRegistry(() => Promise.resolve(hostWith("web", { listeners }).host));
    const service = new ListenersService(registry);
    await registry.connect("web");
    await Promise.all([service.refresh("web"), service.refresh("web")]);
    // The first was overtaken during its quick look; the second has taken both.
    assert.equal(service.list()[0]?.snapshot?.takenAt, 3);
    assert.equal(service.list()[0]?.refreshing, false);
  });
  it("says when the network stack could not be looked at", async () => {
    const answers = { listeners: () => Promise.resolve(snapshot(1)), findings: () => Promise.reject(new Error("no more processes")) };
    const registry = new HostRegistry(() => Promise.resolve(hostWith("web", answers).host));
    const service = new ListenersService(registry);
    await registry.connect("web");
    await service.refresh("web");
    const [state] = service.list();
    assert.equal(state?.error, undefined);
    assert.deepEqual(state?.problems.map(({ id, severity, evidence }) => [id, severity, ...evidence]), [["not-looked", "info", "no more processes"]]);
  });
  it("starts anew with a new connection", async () => {
    const registry = new HostRegistry(() => Promise.resolve(hostWith("web", { listeners: () => Promise.resolve(snapshot(1)) }).host));
    const service = new ListenersService(registry);
    await registry.connect("web");
    await service.refresh("web");
    await registry.disconnect("web");
    assert.deepEqual(service.list(), []);
    await registry.connect("web");
    assert.equal(service.list()[0]?.snapshot, undefined);
  });
});
