import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { release } from "node:os";
import { commands, TreeItemCollapsibleState, workspace } from "vscode";
import type { Services } from "../../src/vscode/services";
import type { Row } from "../../src/vscode/views/row";
import { eventually } from "../support/eventually";
import { connectedServices } from "./connectedServices";

const find = (rows: readonly Row[], wanted: (row: Row) => boolean): Row | undefined => {
  for (const row of rows) {
    const found = wanted(row) ? row : find(row.children ?? [], wanted);
    if (found) return found;
  }
  return undefined;
};

describe("the views, with this machine as the host", () => {
  let services: Services;
  let server: Server;
  let port: number;

  before(async () => {
    server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    port = (server.address() as AddressInfo).port;
    services = await connectedServices();
  });
  after(async () => {
    server.close();
    await commands.executeCommand("knetscope.disconnectHost", "local");
    assert.equal(services.hosts.host("local"), undefined);
  });

  it("show the host with the kernel it runs", () => {
    services.trees.hosts.refreshNow();
    const row = find(services.trees.hosts.getChildren(), ({ label }) => label === "local");
    assert.match(row?.description ?? "", new RegExp(release().replaceAll(".", "\\.")));
    assert.ok(row);
    assert.equal(row.context, "host.connected.local");
    const item = services.trees.hosts.getTreeItem(row);
    assert.equal(item.collapsibleState, TreeItemCollapsibleState.Expanded);
  });

  it("say what can be done on the host, once it was checked", async () => {
    await eventually(() => {
      services.trees.hosts.refreshNow();
      const row = find(services.trees.hosts.getChildren(), ({ id }) => id === "capability:local/root");
      assert.ok(row, "no row about root rights");
    }, 50_000);
  });

  it("show a listener of this very process, and forget it when it closes", async () => {
    await commands.executeCommand("knetscope.showListeners", "local");
    await eventually(() => assert.equal(services.views.listeners.visible, true));
    const listenerRow = () => find(services.trees.listeners.getChildren(), ({ label }) => label.startsWith(`127.0.0.1:${port}`));
    await eventually(() => {
      services.trees.listeners.refreshNow();
      assert.match(listenerRow()?.label ?? "", new RegExp(`^127\\.0\\.0\\.1:${port} .+\\[${process.pid}\\]`));
    });
    server.close();
    await commands.executeCommand("knetscope.refresh");
    services.trees.listeners.refreshNow();
    assert.equal(listenerRow(), undefined);
  });

  it("list the hosts of the setting, as soon as it changes", async () => {
    const names = () => services.hosts.list().map(({ name }) => name);
    await workspace.getConfiguration("knetscope").update("hosts", ["web", "db"], true);
    await eventually(() => assert.deepEqual(names(), ["local", "web", "db"]));
    await commands.executeCommand("knetscope.removeHost", "web");
    await eventually(() => assert.deepEqual(names(), ["local", "db"]));
    await workspace.getConfiguration("knetscope").update("hosts", undefined, true);
    await eventually(() => assert.deepEqual(names(), ["local"]));
  });

  it("keep the error of a host that cannot be reached, and the others", async () => {
    await workspace.getConfiguration("knetscope").update("hosts", ["127.0.0.1:1"], true);
    await eventually(() => assert.ok(services.hosts.get("127.0.0.1:1")));
    await commands.executeCommand("knetscope.connectHost", "127.0.0.1:1");
    services.trees.hosts.refreshNow();
    const row = find(services.trees.hosts.getChildren(), ({ label }) => label === "127.0.0.1:1");
    assert.equal(row?.description, "could not connect");
    assert.match(row.children?.map(({ label }) => label).join("\n") ?? "", /refused[^]*sshd/);
    assert.ok(services.hosts.host("local"));
    await workspace.getConfiguration("knetscope").update("hosts", undefined, true);
  });
});
