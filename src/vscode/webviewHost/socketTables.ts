import { type Disposable, env, Uri, ViewColumn, type WebviewPanel, window, workspace } from "vscode";
import { describeError } from "../../base/errors";
import type { SocketsSnapshot } from "../../collectors/socketModel";
import { RpcPeer } from "../../protocol/rpc";
import type { ExtensionMethods, PageMethods, SocketTableData } from "../../protocol/socketTable";
import { adviceFor } from "../../session/advice";
import type { SocketQuery } from "../../session/host";
import { LatestOnly } from "../async/latestOnly";
import type { HostRegistry } from "../hosts/hostRegistry";
import { pageHtml } from "./pageHtml";
import { socketCells, socketDetails } from "./socketCells";
import { socketsAsCsv, socketsAsJson } from "./socketExport";

/** Opens socket tables, one editor a query. */
export class SocketTables implements Disposable {
  private readonly tables = new Set<SocketTable>();

  constructor(
    private readonly extensionUri: Uri,
    private readonly hosts: HostRegistry,
  ) {}

  /** Tables whose page has come up and asked for its rows. */
  get loadedPages(): number {
    return [...this.tables].filter((table) => table.loaded).length;
  }

  /** `first` is what the query gave already. */
  open(host: string, query: SocketQuery, first: SocketsSnapshot): void {
    const panel = window.createWebviewPanel("knetscope.sockets", `Sockets on ${host}`, ViewColumn.Active, {
      enableScripts: true,
      retainContextWhenHidden: true,
      localResourceRoots: [Uri.joinPath(this.extensionUri, "dist", "webview"), Uri.joinPath(this.extensionUri, "media")],
    });
    const table = new SocketTable(panel, host, query, first, this.hosts);
    this.tables.add(table);
    panel.onDidDispose(() => this.tables.delete(table));
    panel.webview.html = pageHtml(panel.webview, this.extensionUri, "sockets", panel.title);
  }

  dispose(): void {
    for (const table of [...this.tables]) table.dispose();
  }
}

class SocketTable implements Disposable {
  loaded = false;
  private readonly latest = new LatestOnly();
  private readonly rpc: RpcPeer<ExtensionMethods, PageMethods>;

  constructor(
    private readonly panel: WebviewPanel,
    private readonly host: string,
    private query: SocketQuery,
    private snapshot: SocketsSnapshot,
    private readonly hosts: HostRegistry,
  ) {
    this.rpc = new RpcPeer<ExtensionMethods, PageMethods>((message) => panel.webview.postMessage(message), {
      load: () => {
        this.loaded = true;
        return this.data();
      },
      query: ({ filter }) => this.run(filter),
      details: ({ row }) => {
        const socket = this.snapshot.rows[row];
        return socket ? socketDetails(socket) : [];
      },
      export: ({ format, rows }) => this.export(format, rows),
      copy: async ({ text }) => {
        await env.clipboard.writeText(text);
        return undefined;
      },
    });
    panel.webview.onDidReceiveMessage((message) => this.rpc.receive(message));
    panel.onDidDispose(() => {
      this.latest.abort();
      this.rpc.dispose();
    });
  }

  dispose(): void {
    this.panel.dispose();
  }

  private async run(filter: string): Promise<SocketTableData> {
    const host = this.hosts.host(this.host);
    if (!host) throw new Error(`${this.host} is not connected. Connect to it, then run the query again.`);
    const query = { ...this.query, filter };
    const snapshot = await this.latest.run((signal) => host.sockets(query, signal)).catch((error: unknown) => {
      throw new Error([describeError(error), adviceFor(error)].filter(Boolean).join(". "), { cause: error });
    });
    if (snapshot) [this.snapshot, this.query] = [snapshot, query];
    return this.data();
  }

  private data(): SocketTableData {
    const { snapshot } = this;
    const source = snapshot.source === "sock_diag" ? [] : [`read from ${snapshot.source === "proc" ? "/proc/net: states and queues only" : snapshot.source}`];
    return {
      host: this.host,
      filter: this.query.filter,
      takenAt: snapshot.takenAt,
      notes: [...source, ...snapshot.notes, ...snapshot.findings.map((finding) => finding.title)],
      rows: snapshot.rows.map(socketCells),
    };
  }

  private async export(format: "csv" | "json", indexes: readonly number[]): Promise<boolean> {
    const rows = indexes.flatMap((index) => this.snapshot.rows[index] ?? []);
    const name = `sockets-${this.host}.${format === "csv" ? "csv" : "ndjson"}`;
    const folder = workspace.workspaceFolders?.[0]?.uri;
    const target = await window.showSaveDialog({ title: "Export Sockets", ...(folder ? { defaultUri: Uri.joinPath(folder, name) } : {}) });
    if (!target) return false;
    await workspace.fs.writeFile(target, Buffer.from(format === "csv" ? socketsAsCsv(rows) : socketsAsJson(rows)));
    return true;
  }
}
