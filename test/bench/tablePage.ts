import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../../tools/vscode-host/browser.mjs";
import { RpcPeer } from "../../src/protocol/rpc";
import type { ExtensionMethods, PageMethods } from "../../src/protocol/socketTable";
import { plainLook } from "../../src/protocol/tableLook";
import { completeFilter } from "../../src/sockdiag/completeFilter";
import { checkFilter } from "../../src/vscode/webviewHost/checkFilter";
import { filterVocabulary } from "../../src/vscode/webviewHost/filterVocabulary";
import type { RowSource } from "../../src/vscode/webviewHost/rowSource";
import { SocketTableModel } from "../../src/vscode/webviewHost/socketTableModel";

const root = resolve(import.meta.dirname, "../..");
const question = { filter: "", protocols: ["tcp"] as const };
const notes = { takenAt: Date.now(), source: "sock_diag" as const, notes: [], findings: [], plan: { states: 0xfff, notes: [] } };

/** The socket table's own page in a browser, its questions answered by the extension's own model: everything but the editor around it. */
export class TablePage {
  readonly model = new SocketTableModel("bench", () => ["state listening", "dport = :443"]);

  private constructor(
    private readonly browser: Browser,
    readonly page: Page,
  ) {}

  static async open(source?: RowSource): Promise<TablePage> {
    const browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const table = new TablePage(browser, page);
    if (source) table.model.show(question, source, notes);
    await table.connect();
    await page.setContent(pageText());
    await page.addScriptTag({ content: readFileSync(join(root, "dist/webview/sockets.js"), "utf8") });
    return table;
  }

  /** New sockets, as a refresh by command brings them. */
  show(source: RowSource): void {
    this.model.show(question, source, notes);
    void this.rpc.call("show", this.model.state());
  }

  close(): Promise<void> {
    return this.browser.close();
  }

  private readonly rpc = new RpcPeer<ExtensionMethods, PageMethods>((message) => this.post(message), {
    load: () => ({ state: this.model.state(), look: plainLook }),
    remember: () => undefined,
    query: () => this.model.state(),
    arrange: (request) => this.model.arrange(request),
    rows: (request) => this.model.rows(request),
    details: (request) => this.model.details(request),
    complete: ({ text, cursor }) => completeFilter(text, cursor, filterVocabulary(this.model.sockets, [], [])),
    check: ({ text, protocols }) => checkFilter(text, protocols),
    export: () => false,
    close: () => "",
    copy: () => undefined,
  });

  private async connect(): Promise<void> {
    await this.page.exposeFunction("postToExtension", (message: unknown) => this.rpc.receive(message));
    await this.page.addInitScript("globalThis.__name = (value) => value;");
  }

  private post(message: unknown): void {
    void this.page.evaluate(`window.postMessage(${JSON.stringify(message)}, "*")`).catch(() => undefined);
  }
}

/** What VS Code's dark theme gives a page. */
const theme = `:root { --vscode-foreground: #ccc; --vscode-editor-background: #1f1f1f; --vscode-font-family: sans-serif; --vscode-font-size: 13px; --vscode-editor-font-family: monospace;
  --vscode-editor-font-size: 13px; --vscode-input-background: #313131; --vscode-input-foreground: #ccc; --vscode-button-background: #0078d4; --vscode-button-foreground: #fff;
  --vscode-button-secondaryBackground: #313131; --vscode-button-secondaryForeground: #ccc; --vscode-focusBorder: #0078d4; --vscode-editorWidget-background: #202020;
  --vscode-list-activeSelectionBackground: #04395e; --vscode-list-inactiveSelectionBackground: #37373d; --vscode-editorSuggestWidget-background: #202020; --vscode-editorSuggestWidget-foreground: #ccc;
  --vscode-editorSuggestWidget-selectedBackground: #04395e; --vscode-editorSuggestWidget-border: #454545; --vscode-errorForeground: #f85149; --vscode-descriptionForeground: #9d9d9d; }
  body { background: var(--vscode-editor-background); }`;

function pageText(): string {
  const style = readFileSync(join(root, "media/sockets.css"), "utf8");
  const api = "globalThis.acquireVsCodeApi = () => ({ postMessage: (message) => void postToExtension(message) });";
  return `<!DOCTYPE html><html lang="en"><head><style>${theme}${style}</style><script>${api}</script></head><body><main id="page"></main></body></html>`;
}
