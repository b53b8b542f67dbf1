import { type Disposable, Uri, ViewColumn, window } from "vscode";
import type { SocketsSnapshot } from "../../collectors/socketModel";
import type { TableProtocol } from "../../protocol/tableColumns";
import { pageHtml } from "./pageHtml";
import { SocketTable, type TableServices } from "./socketTable";

/** Opens socket tables, one editor a query. */
export class SocketTables implements Disposable {
  private readonly tables = new Set<SocketTable>();

  constructor(
    private readonly extensionUri: Uri,
    private readonly services: TableServices,
  ) {}

  /** Tables whose page has come up and asked for its state. */
  get loadedPages(): number {
    return [...this.tables].filter((table) => table.loaded).length;
  }

  /** The table of the editor in front. */
  get active(): SocketTable | undefined {
    return [...this.tables].find((table) => table.active);
  }

  /** With what the filter gave already; without it the table waits for its user to run a query. */
  open(host: string, filter: string, first?: { readonly protocols: readonly TableProtocol[]; readonly snapshot: SocketsSnapshot }): void {
    const panel = window.createWebviewPanel("knetscope.sockets", `Sockets on ${host}`, ViewColumn.Active, {
      enableScripts: true,
      retainContextWhenHidden: true,
      localResourceRoots: [Uri.joinPath(this.extensionUri, "dist", "webview"), Uri.joinPath(this.extensionUri, "media")],
    });
    const table = new SocketTable(panel, host, this.services);
    if (first) table.show({ filter, protocols: first.protocols }, first.snapshot);
    else table.suggest(filter);
    // Their ports and addresses are offered in the query box.
    if (!this.services.listeners.list().some((known) => known.name === host && known.snapshot)) void this.services.listeners.refresh(host);
    this.tables.add(table);
    panel.onDidDispose(() => this.tables.delete(table));
    panel.webview.html = pageHtml(panel.webview, this.extensionUri, "sockets", panel.title);
  }

  dispose(): void {
    for (const table of [...this.tables]) table.dispose();
  }
}
