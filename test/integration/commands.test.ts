import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commands, type DocumentLink, env, type Hover, Position, TabInputWebview, window, workspace } from "vscode";
import type { Services } from "../../src/vscode/services";
import { eventually } from "../support/eventually";
import { connectedServices } from "./connectedServices";

const activeDocument = (scheme: string) => {
  const document = window.activeTextEditor?.document;
  if (!document) throw new Error("No editor is open.");
  assert.equal(document.uri.scheme, scheme);
  return document;
};

describe("commands, with this machine as the host", () => {
  let services: Services;
  let tree: string;

  before(async () => {
    tree = mkdtempSync(join(tmpdir(), "knetscope-tree-"));
    mkdirSync(join(tree, "net/ipv4"), { recursive: true });
    writeFileSync(join(tree, "Makefile"), "VERSION = 1\nPATCHLEVEL = 2\nSUBLEVEL = 3\n");
    writeFileSync(join(tree, "net/ipv4/tcp.c"), "int one;\nint two;\nint three;\n");
    await workspace.getConfiguration("knetscope").update("sources", [tree], true);
    services = await connectedServices();
  });
  after(async () => {
    await commands.executeCommand("workbench.action.closeAllEditors");
    await commands.executeCommand("knetscope.disconnectHost", "local");
    await workspace.getConfiguration("knetscope").update("sources", undefined, true);
    rmSync(tree, { recursive: true, force: true });
  });

  it("open kernel source at the line, as C, read-only, and say that it is of another release", async () => {
    await commands.executeCommand("knetscope.openSourceAt", "local", { file: "net/ipv4/tcp.c", line: 2 });
    const document = activeDocument("knetscope-source");
    assert.equal(document.getText(), "int one;\nint two;\nint three;\n");
    assert.equal(document.languageId, "c");
    assert.equal(workspace.fs.isWritableFileSystem("knetscope-source"), false);
    assert.equal(window.activeTextEditor?.selection.active.line, 1);
    assert.equal(services.sources.peek(document.uri)?.match, "near");
    await assert.rejects(async () => workspace.fs.writeFile(document.uri, Buffer.from("changed")));
  });

  it("leave the editor alone when there is no such source", async () => {
    const before = window.activeTextEditor?.document.uri.toString();
    await commands.executeCommand("knetscope.openSourceAt", "local", { file: "net/ipv4/none.c", line: 1 });
    assert.equal(window.activeTextEditor?.document.uri.toString(), before);
  });

  it("resolve a stack of the clipboard into a document with links and hovers", async () => {
    await commands.executeCommand("workbench.action.closeAllEditors");
    await env.clipboard.writeText("Call Trace:\n <TASK>\n tcp_v4_rcv+0x99b/0xee0\n ip_protocol_deliver_rcu+0x32/0x1a0\n </TASK>\n");
    await commands.executeCommand("knetscope.resolveStack", "local");
    const document = activeDocument("knetscope-stack");
    assert.equal(document.languageId, "kernel-stack");
    assert.match(document.getText(), /^# 1 stack, resolved on local[^]*0 {2}tcp_v4_rcv\+0x99b\/0xee0[^]*1 {2}ip_protocol_deliver_rcu\+0x32\/0x1a0/);
    const line = document.getText().split("\n").findIndex((text) => text.includes("tcp_v4_rcv"));
    const hovers = await commands.executeCommand<Hover[]>("vscode.executeHoverProvider", document.uri, new Position(line, 8));
    assert.ok(hovers.length > 0);
    const links = await commands.executeCommand<DocumentLink[]>("vscode.executeLinkProvider", document.uri);
    assert.ok(links.every(({ target }) => target?.scheme === "command"));
  });

  it("show sockets in a table whose page loads", async () => {
    const snapshot = await services.hosts.host("local")?.sockets({ filter: "state listening", details: true });
    assert.ok(snapshot);
    services.socketTables.open("local", "state listening", { protocols: ["tcp", "udp"], snapshot });
    await eventually(() => {
      const tab = window.tabGroups.activeTabGroup.activeTab;
      assert.ok(tab?.input instanceof TabInputWebview && tab.input.viewType.endsWith("knetscope.sockets"));
      assert.equal(tab.label, "Sockets on local");
    });
    await eventually(() => assert.equal(services.socketTables.loadedPages, 1), 30_000);
  });

  it("copy rows as text", async () => {
    services.trees.hosts.refreshNow();
    await commands.executeCommand("knetscope.copy", services.trees.hosts.find("host:local"));
    assert.match(await env.clipboard.readText(), /^local {2}/);
  });

  it("explain a finding in the editor's preview", async () => {
    const finding = { id: "x", severity: "warning", title: "Something is slow", detail: "Very.", evidence: ["12 of 12"] };
    await commands.executeCommand("knetscope.explain", { id: "f", label: "f", subject: { kind: "finding", host: "local", finding } });
    await eventually(() => assert.match(window.tabGroups.activeTabGroup.activeTab?.label ?? "", /Something is slow/));
  });
});
