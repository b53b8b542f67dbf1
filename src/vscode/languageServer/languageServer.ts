import { join } from "node:path";
import { type Disposable, type LogOutputChannel, Range, type TextDocument, type TextDocumentContentChangeEvent, type Uri, workspace } from "vscode";
import type { LanguageClient, LanguageClientOptions, Middleware } from "vscode-languageclient/node";
import { describeError } from "../../base/errors";

/** One kind of documents on the editor's side: when it needs the server, and what it answers to it. */
export interface ServerPart {
  /** Whether a document is reason enough to start the server. `changed`: the lines of it that an edit just made; without it, all are new. */
  wants(document: TextDocument, changed?: string): boolean;
  /** Documents whose features the server declares at its start. */
  readonly documentSelector?: readonly { readonly language: string }[];
  initializationOptions?(): object;
  readonly middleware?: Middleware;
  /** Once the server runs. */
  attach(client: LanguageClient): Disposable;
}

/** The language server's process: started with the first document that has something for it, ended with the window. */
export class LanguageServer {
  private client: Promise<LanguageClient> | undefined;
  private readonly disposables: Disposable[] = [];

  constructor(
    private readonly extensionUri: Uri,
    private readonly log: LogOutputChannel,
    private readonly parts: readonly ServerPart[],
  ) {
    const begin = (document: TextDocument, changed?: string): void => {
      if (!this.client && this.parts.some((part) => part.wants(document, changed))) void this.start().catch((error: unknown) => log.error(`language server: ${describeError(error)}`));
    };
    this.disposables.push(
      workspace.onDidOpenTextDocument((document) => begin(document)),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => (this.client ? undefined : begin(document, changedLines(document, contentChanges)))),
    );
    for (const document of workspace.textDocuments) begin(document);
  }

  /** Starts it, or gives the one that runs. */
  start(): Promise<LanguageClient> {
    this.client ??= this.launch();
    this.client.catch(() => (this.client = undefined));
    return this.client;
  }

  async dispose(): Promise<void> {
    for (const disposable of this.disposables) disposable.dispose();
    const client = await this.client?.catch(() => undefined);
    await client?.dispose();
  }

  private async launch(): Promise<LanguageClient> {
    // The client is only read when it is needed: most windows never start it.
    const { LanguageClient, TransportKind } = await import("vscode-languageclient/node");
    const module = join(this.extensionUri.fsPath, "dist", "server.js");
    const client = new LanguageClient("knetscope", "KNetScope Language Server", { module, transport: TransportKind.ipc }, this.options());
    await client.start();
    this.disposables.push(...this.parts.map((part) => part.attach(client)));
    this.log.info("language server: started");
    return client;
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: this.parts.flatMap(({ documentSelector }) => documentSelector ?? []).map(({ language }) => ({ language })),
      initializationOptions: Object.assign({}, ...this.parts.map((part) => part.initializationOptions?.() ?? {})) as object,
      middleware: Object.assign({}, ...this.parts.map(({ middleware }) => middleware)) as Middleware,
      outputChannel: this.log,
      markdown: { isTrusted: { enabledCommands: ["knetscope.openSourceAt"] } },
    };
  }
}

function changedLines(document: TextDocument, changes: readonly TextDocumentContentChangeEvent[]): string {
  return changes
    .map(({ range: { start }, text }) => document.getText(new Range(start.line, 0, start.line + text.split("\n").length, 0)))
    .join("\n");
}
