import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { DomainError } from "../../../src/base/errors";
import { HostRegistry } from "../../../src/vscode/hosts/hostRegistry";
import { hostWith } from "../support/hostWith";

const kinds = (registry: HostRegistry): Record<string, string> => Object.fromEntries(registry.list().map(({ name, state }) => [name, state.kind]));

describe("HostRegistry", () => {
  it("always offers this machine, first and once", () => {
    const registry = new HostRegistry(() => Promise.reject(new Error("unused")));
    registry.setNames(["web", "local", " web ", ""]);
    assert.deepEqual(registry.list().map(({ name }) => name), ["local", "web"]);
  });
  it("makes one connection of two attempts, and makes it active", async () => {
    let opened = 0;
    const { host } = hostWith("web");
    const registry = new HostRegistry(async () => {
      opened++;
      await sleep(1);
      return host;
    });
    registry.setNames(["web"]);
    const both = await Promise.all([registry.connect("web"), registry.connect("web")]);
    assert.deepEqual(both, [host, host]);
    assert.equal(opened, 1);
    assert.equal(registry.active?.name, "web");
  });
  it("keeps the error of a failed attempt, and can try again", async () => {
    const { host } = hostWith("web");
    let fail = true;
    const registry = new HostRegistry(() => (fail ? Promise.reject(new DomainError("ssh/refused", "connection refused", "web:22")) : Promise.resolve(host)));
    await assert.rejects(registry.connect("web"), /refused/);
    assert.deepEqual(kinds(registry), { local: "disconnected", web: "failed" });
    fail = false;
    await registry.connect("web");
    assert.equal(kinds(registry)["web"], "connected");
  });
  it("is disconnected, not failed, after the user cancelled", async () => {
    const { host, disposed } = hostWith("web");
    const registry = new HostRegistry(async () => {
      await sleep(5);
      return host;
    });
    const abort = new AbortController();
    const attempt = registry.connect("web", abort.signal);
    abort.abort();
    await assert.rejects(attempt);
    assert.equal(kinds(registry)["web"], "disconnected");
    assert.equal(disposed(), 1);
  });
  it("is disconnected, not failed, after a question was left unanswered", async () => {
    const registry = new HostRegistry(() => Promise.reject(new DomainError("ssh/cancelled", "the question was not answered", "web")));
    registry.setNames(["web"]);
    await assert.rejects(registry.connect("web"), { code: "ssh/cancelled" });
    assert.equal(kinds(registry)["web"], "disconnected");
  });
  it("tells of a lost link with its reason, and of no link that was closed on purpose", async () => {
    const first = hostWith("web");
    const registry = new HostRegistry(() => Promise.resolve(first.host));
    const lost: unknown[][] = [];
    registry.onLost(({ name, error }) => lost.push([name, error]));
    await registry.connect("web");
    const reason = new DomainError("target/link-lost", "the link was cut");
    first.lose(reason);
    assert.deepEqual(lost, [["web", reason]]);
    assert.equal(kinds(registry)["web"], "failed");
    const second = hostWith("db");
    const other = new HostRegistry(() => Promise.resolve(second.host));
    let told = 0;
    other.onLost(() => told++);
    await other.connect("db");
    await other.disconnect("db");
    second.lose(new Error("closed"));
    assert.equal(told, 0);
    assert.equal(second.disposed(), 1);
  });
  it("keeps what a check could find out when another part of it failed", async () => {
    const { host } = hostWith("web", { capabilities: () => Promise.resolve([{ id: "root", title: "Root", ok: true }]) });
    const registry = new HostRegistry(() => Promise.resolve(host));
    await registry.connect("web");
    await registry.check("web");
    const check = registry.get("web")?.check;
    assert.equal(check?.capabilities?.length, 1);
    assert.match(String(check.error), /debuginfo/);
  });
  it("keeps a connected host in the list when its setting goes", async () => {
    const { host } = hostWith("web");
    const registry = new HostRegistry(() => Promise.resolve(host));
    registry.setNames(["web", "db"]);
    await registry.connect("web");
    registry.setNames([]);
    assert.deepEqual(kinds(registry), { local: "disconnected", web: "connected" });
  });
});
